"""`mira config check`: tests settings, key and each step of the connection; uses no tokens."""

from __future__ import annotations

import time
from dataclasses import replace
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mira_cli.api import models
from mira_cli.api.deadline import Observer
from mira_cli.api.network_errors import Unreachable
from mira_cli.api.retry import when
from mira_cli.api.status_errors import check_address
from mira_cli.errors import ConfigError, MiraError, NetworkError, NoAnswerError, QuotaError, ServerError
from mira_cli.masking import redact
from mira_cli.session.opening import client_with
from mira_cli.settings import file, keys, paths, resolve
from mira_cli.settings.table import BY_NAME
from mira_cli.terminal.result import as_line
from mira_cli.terminal.sanitize import clean_line
from mira_cli.terminal.table import hanging

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.api.call import Call
    from mira_cli.api.client import Client
    from mira_cli.api.environment import Proxy
    from mira_cli.api.request import Answer
    from mira_cli.settings.resolve import Settings
    from mira_cli.terminal.streams import Streams

LONGEST = 15.0  # seconds a step may take, if the settings do not allow less
_MOST_SKEW = 60  # seconds
_OK, _NOT_FOUND = 200, 404
_CANNOT_TELL = frozenset({403, 404, 405, 410, 501})  # a server without such a path says nothing about the key
_STAGES = ("DNS", "connection", "TLS")
_NAMES = ("config file", "key", "base URL", "proxy", *_STAGES, "key accepted", "models", "clock")
_NAME_WIDTH = max(map(len, _NAMES))
_STATUS_WIDTH = len("warning")


class _Report:
    """The checks so far. Each is printed as soon as it is done, or all as one JSON object.

    Attributes:
        checks: Name, status (ok, warning, failed or skipped) and message of each.
        code: The exit code of the first that failed; 0 if none did.
    """

    def __init__(self, streams: Streams, *, as_json: bool) -> None:
        self.checks: list[dict[str, str]] = []
        self.code = 0
        self._streams, self._as_json = streams, as_json

    def add(self, name: str, status: str, message: str, code: int = 0) -> None:
        """Add a check; `code` is the exit code of a failure."""
        self.code = self.code or code
        self.checks.append({"name": name, "status": status, "message": redact(message)})
        if self._as_json:
            return
        message = clean_line(redact(message))
        line = f"{name}\t{status}\t{message}\n"
        if self._streams.out_tty:
            start = f"{status:{_STATUS_WIDTH}}  {name:{_NAME_WIDTH}}"
            line = hanging([(start, message)], self._streams.width())
        self._streams.write(line)

    def fail(self, name: str, error: MiraError) -> None:
        """Add a check that failed with this error."""
        self.add(name, "failed", f"{error.message} {error.hint}".strip(), error.exit_code)

    def left(self) -> list[str]:
        """The names of the checks that have not been done."""
        done = {check["name"] for check in self.checks}
        return [name for name in _NAMES if name not in done]


def run(
    streams: Streams, env: Mapping[str, str], flags: Mapping[str, object], *, as_json: bool = False
) -> int:
    """Run the checks and print them. An error fails the next check and skips the rest.

    Returns:
        The exit code: 0, or that of the first check that failed.

    Raises:
        UsageError: A flag has a bad value.
    """
    for name in flags:
        resolve.pick(BY_NAME[name], flags, env, file.Stored())
    report = _Report(streams, as_json=as_json)
    try:
        _check_all(report, env, flags)
    except MiraError as error:
        report.fail(report.left()[0], error)
    for name in report.left():
        report.add(name, "skipped", "Not reached.")
    if as_json:
        streams.write(as_line({"ok": report.code == 0, "code": report.code, "checks": report.checks}))
    return report.code


def _check_all(report: _Report, env: Mapping[str, str], flags: Mapping[str, object]) -> None:
    _check_file(report, file.load(paths.locate(env).config_file))
    try:
        settings = resolve.resolve(flags, env)
    except ConfigError as error:
        report.fail("settings", error)
        return
    key = _check_key(report, settings, env)
    report.add("base URL", "ok", f"{settings.base_url} ({settings.sources['base_url']})")
    timeout = min(LONGEST, settings.timeout)
    connecting = min(settings.connect_timeout, timeout)
    settings = replace(settings, timeout=timeout, connect_timeout=connecting, max_time=timeout)
    try:
        client = client_with(key, env, settings, Observer())
    except ConfigError as error:
        report.fail("environment", error)
        return
    try:
        quota = _check_connection(report, client, settings)
        if quota is not None:
            _check_answers(report, client, quota, settings, has_key=key is not None)
    except NoAnswerError as error:
        raise NoAnswerError(f"No answer within {timeout:g} s.") from error
    finally:
        client.close()


def _check_file(report: _Report, stored: file.Stored) -> None:
    unknown, count = resolve.unknown(stored), len(stored.values)
    if unknown:
        report.add("config file", "warning", f"{stored.path}: {' '.join(unknown)}")
    elif not stored.text:
        report.add("config file", "ok", f"{stored.path or 'config.toml'}: not found; using defaults")
    else:
        report.add("config file", "ok", f"{stored.path}: {count} setting{'s' if count != 1 else ''}")


def _check_key(report: _Report, settings: Settings, env: Mapping[str, str]) -> keys.Key | None:
    warnings: list[str] = []
    try:
        key = keys.lookup(settings, env, warnings.append)
        if key is None:
            raise keys.missing()
    except MiraError as error:
        report.fail("key", error)
        return None
    where = f"{key.source} {settings.paths.key_file}, mode 0600" if key.source == keys.STORED else key.source
    if len(key.value) not in keys.USUAL_LENGTHS:
        warnings.append("Keys usually have 48 characters.")
    message = f"{key.mask} from {where}, {len(key.value)} characters"
    report.add("key", "warning" if warnings else "ok", ". ".join([message, *warnings]))
    return key


def _check_connection(report: _Report, client: Client, settings: Settings) -> Answer | None:
    """Check proxy, DNS, connection and TLS by a request for the quota, whose answer is returned."""
    if client.proxy:
        return _check_proxy(report, client, client.proxy)
    url = urlsplit(settings.base_url)
    report.add("proxy", "ok", "none")

    def connected(call: Call) -> None:
        report.add("DNS", "ok", f"{url.hostname} is {call.address or 'found'}")
        report.add("connection", "ok", "connected")
        if url.scheme == "http":
            report.add("TLS", "skipped", "Not used: http to this machine.")
        else:
            report.add("TLS", "ok", call.tls)

    try:
        return client.get("/quota", on_sent=connected)
    except ConfigError as error:  # a variable for certificates
        report.fail("TLS", error)
        return None
    except Unreachable as error:
        for name in _STAGES[: _STAGES.index(error.stage)]:
            report.add(name, "ok", "connected" if name == "connection" else f"{url.hostname} is found")
        where = "" if error.stage == "TLS" else f"{url.hostname}: "
        raise NetworkError(f"{where}{error.why}.", hint=error.advice) from error


def _check_proxy(report: _Report, client: Client, proxy: Proxy) -> Answer:
    """The same through a proxy, which does DNS, connection and TLS itself."""
    failure = None
    try:
        answer = client.get("/quota")
    except MiraError as error:
        if proxy.label in error.message:
            raise
        failure = error
    report.add("proxy", "ok", f"{proxy.label} ({proxy.variable or 'system settings'})")
    for name in _STAGES:
        report.add(name, "skipped", "Done by the proxy.")
    if failure is not None:
        raise failure
    return answer


def _check_answers(
    report: _Report, client: Client, quota: Answer, settings: Settings, *, has_key: bool
) -> None:
    """Check the key, the models and the clock against the server's answers."""
    get = cache(client.get)
    if has_key:
        answer = quota if _tells(quota) else get("/models", at_origin=False)
        if quota.status in _CANNOT_TELL and answer.error is None and answer.value is not None:
            # The list of models may need no key.
            report.add("key accepted", "warning", f"The server does not say ({quota.status}).")
        else:
            _check_accepted(report, answer, settings)
    else:
        report.add("key accepted", "skipped", "There is no key to try.")
    listed, source = models.fetch(get)
    names = [model.id for model in listed]
    if source == "built-in":
        report.add("models", "warning", f"The server lists none; the known ones are {', '.join(names)}.")
    elif settings.model not in names:
        report.add("models", "warning", f"{', '.join(names)}; {settings.model} is not one of them")
    else:
        report.add("models", "ok", ", ".join(names))
    _check_clock(report, quota.date)


def _tells(answer: Answer) -> bool:
    """Whether the answer tells if the key is good."""
    if answer.status in _CANNOT_TELL:
        return isinstance(answer.error, QuotaError)
    return answer.status != _OK or answer.value is not None


def _check_accepted(report: _Report, answer: Answer, settings: Settings) -> None:
    name, advice = "key accepted", check_address(settings.base_url)
    if answer.error is None and answer.value is None:
        report.add(name, "failed", f"The server does not answer in JSON. {advice}", ServerError.exit_code)
    elif not _tells(answer):
        more = f" {advice}" if answer.status == _NOT_FOUND else ""
        report.add(name, "warning", f"The server does not say ({answer.status}).{more}")
    elif answer.error is not None:
        report.fail(name, answer.error)
    else:
        report.add(name, *_quota(answer))


def _quota(answer: Answer) -> tuple[str, str, int]:
    """Status, message and exit code, from the plan and the quota in the answer to `GET /v1/quota`."""
    facts = answer.value if isinstance(answer.value, dict) else {}
    plan, used, resets_at = facts.get("plan"), facts.get("utilization"), facts.get("resets_at")
    message = "yes"
    if isinstance(plan, str) and plan:
        message += f", plan {plan}"
    if isinstance(used, int | float):
        message += f", {used:.0%} of the quota used"
    if facts.get("status") != "rejected":
        return "warning" if facts.get("status") == "allowed_warning" else "ok", message, 0
    message += ": the quota is used up."
    now = time.time()
    if isinstance(resets_at, int | float) and resets_at > now:
        message += f" Try again {when(now, resets_at - now)}."
    return "failed", message, QuotaError.exit_code


def _check_clock(report: _Report, date: str) -> None:
    try:
        skew = round(time.time() - parsedate_to_datetime(date).timestamp())
    except (ValueError, OverflowError):
        report.add("clock", "skipped", "The server does not say what time it is.")
        return
    if abs(skew) <= _MOST_SKEW:
        report.add("clock", "ok", "agrees with the server's")
    else:
        way = "ahead of" if skew > 0 else "behind"
        report.add("clock", "warning", f"{abs(skew)} s {way} the server's; correct it.")
