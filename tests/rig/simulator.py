"""The simulator as tests use it."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Condition

from mira_cli.errors import UsageError
from mira_cli.simulator import server
from rig import faults

_BY_MODEL = "fail-"


class Simulator(server.Simulator):
    """Remembers its requests, counts those under way, and fails in the way that a model named fail-NAME asks for.

    Attributes:
        requests: The chat requests so far, in the order in which they came.
        visits: All requests so far, whatever their path.
        busiest: The most chat requests that were under way at one time.
        left: The chat requests whose client left before the end of the response.
    """

    def __init__(self, **arguments):
        self.requests, self.visits = [], []
        self.busiest = self.left = self._under_way = 0
        self._changed = Condition()
        super().__init__(faults=faults.NAMED, **arguments)

    def respond(self, request):
        model = str(request.body.get("model", "")) if isinstance(request.body, dict) else ""
        fault = None
        if model.startswith(_BY_MODEL):
            try:
                fault = faults.find(model.removeprefix(_BY_MODEL))
            except UsageError:
                fault = None  # a model that does not exist
        return self.responder.respond(request, fault)

    def wait_for(self, count):
        """Wait up to a minute until `count` chat requests have come; whether they have."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self.requests) >= count, 60)

    def wait_idle(self):
        """Wait up to a minute until no chat request is under way; whether that is so."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._under_way, 60)

    @contextmanager
    def handling(self, request, *, chat):
        with super().handling(request, chat=chat):
            with self._changed:
                self.visits.append(request)
                if chat:
                    self.requests.append(request)
                self._under_way += chat
                self.busiest = max(self.busiest, self._under_way)
                self._changed.notify_all()
            try:
                yield
            except OSError:
                with self._changed:
                    self.left += chat
                raise
            finally:
                with self._changed:
                    self._under_way -= chat
                    self._changed.notify_all()
