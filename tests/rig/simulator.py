"""The simulator as tests use it."""

from __future__ import annotations

from threading import Condition

from mira_cli.errors import UsageError
from mira_cli.simulator import server
from mira_cli.simulator.faults import find
from mira_cli.simulator.script import read
from rig.faults import NAMED

_BY_MODEL = "fail-"


class Simulator(server.Simulator):
    """Remembers its requests, counts those under way, and fails in the way that a model named fail-NAME asks for.

    Attributes:
        requests: The chat requests so far, in the order in which they came.
        visits: All requests so far, whatever their path.
        busiest: The most chat requests that were under way at one time.
        left: The chat requests whose client left before the end of the response.
    """

    faults = NAMED

    def __init__(self, script=(), **arguments):
        self.requests, self.visits = [], []
        self.busiest = self.left = self._under_way = 0
        self._changed = Condition()
        super().__init__(script=read(script, NAMED), **arguments)

    def say(self, *replies):
        """Add replies to the script: texts, or tables as in a script file."""
        self.script += read(replies, NAMED)

    def forget_faults(self):
        """Let the next chat requests meet none."""
        self._queued = iter(())

    def next_fault(self, request):
        model = str(request.body.get("model", "")) if isinstance(request.body, dict) else ""
        if model.startswith(_BY_MODEL):
            try:
                return find(model.removeprefix(_BY_MODEL), NAMED)
            except UsageError:
                pass  # a model that does not exist
        return super().next_fault(request)

    def wait_for(self, count):
        """Wait up to a minute until `count` chat requests have come; whether they have."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self.requests) >= count, 60)

    def wait_idle(self):
        """Wait up to a minute until no chat request is under way; whether that is so."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._under_way, 60)

    def answer(self, request, connection):
        chat = request.is_chat
        with self._changed:
            self.visits.append(request)
            if chat:
                self.requests.append(request)
            self._under_way += chat
            self.busiest = max(self.busiest, self._under_way)
            self._changed.notify_all()
        try:
            super().answer(request, connection)
        except OSError:
            with self._changed:
                self.left += chat
            raise
        finally:
            with self._changed:
                self._under_way -= chat
                self._changed.notify_all()


def scripted(mira, *replies, **about):
    """Another simulator, with these replies, in place of the usual one."""
    simulator = Simulator(script=replies, **about)
    mira.env["MIRA_BASE_URL"] = simulator.base_url
    mira.env["MIRA_API_KEY"] = simulator.key
    return simulator


def asked(simulator):
    """The messages of each request, as (role, text)."""
    return [[(m["role"], m["content"]) for m in received.body["messages"]] for received in simulator.requests]
