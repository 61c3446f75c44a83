"""`mira config check`: tests settings, key and each step of the connection; uses no tokens."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from functools import cache
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias
from urllib.parse import SplitResult, urlsplit

from mira_cli.api import models
from mira_cli.api.client import Client
from mira_cli.api.deadline import Limits, Observer
from mira_cli.api.network_errors import Unreachable, check_address
from mira_cli.api.retry import when
from mira_cli.background import in_background
from mira_cli.errors import ConfigError, MiraError, NetworkError, NoAnswerError, QuotaError, ServerError
from mira_cli.masking import redact
from mira_cli.session.opening import server_from
from mira_cli.settings import file, keys, paths, resolve
from mira_cli.settings.table import BY_NAME
from mira_cli.terminal.result import as_line
from mira_cli.terminal.sanitize import clean_line
from mira_cli.terminal.table import hanging

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

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

Status: TypeAlias = "Literal['ok', 'warning', 'failed', 'skipped']"
_STATUS_WIDTH = len("warning")


class Check(NamedTuple):
    """One line of the report; `code` is the exit code of a failure."""

    name: str
    status: Status
    message: str
    code: int = 0


def run(
    streams: Streams, env: Mapping[str, str], flags: Mapping[str, object], *, as_json: bool = False
) -> int:
    """Run the checks, and print each as soon as it is done, or all as one JSON object.

    Returns:
        The exit code: 0, or that of the first line that failed.

    Raises:
        UsageError: A flag has a bad value.
    """
    for name in flags:
        resolve.pick(BY_NAME[name], flags, env, file.Stored())
    done: list[Check] = []
    for found in _checks(env, flags):
        check = found._replace(message=redact(found.message))
        done.append(check)
        if not as_json:
            streams.write(_line(streams, check))
    code = next((check.code for check in done if check.status == "failed"), 0)
    if as_json:
        listed = [{"name": name, "status": status, "message": text} for name, status, text, _ in done]
        streams.write(as_line({"ok": code == 0, "code": code, "checks": listed}))
    return code


def _line(streams: Streams, check: Check) -> str:
    """In columns on a terminal, tab-separated in a pipe. Sanitised."""
    message = clean_line(check.message)
    if not streams.out_tty:
        return f"{check.name}\t{check.status}\t{message}\n"
    start = f"{check.status:{_STATUS_WIDTH}}  {check.name:{_NAME_WIDTH}}"
    return hanging([(start, message)], streams.width())


def _checks(env: Mapping[str, str], flags: Mapping[str, object]) -> Iterator[Check]:
    """All checks in order. An error fails the next check and skips the rest."""
    left = list(_NAMES)
    try:
        for check in _settings_and_server(env, flags):
            if check.name in left:
                left.remove(check.name)
            yield check
    except MiraError as error:
        yield _failed(left.pop(0), error)
    yield from (Check(name, "skipped", "Not reached.") for name in left)


def _failed(name: str, error: MiraError) -> Check:
    return Check(name, "failed", f"{error.message} {error.hint}".strip(), error.exit_code)


def _settings_and_server(env: Mapping[str, str], flags: Mapping[str, object]) -> Iterator[Check]:
    stored = file.load(paths.locate(env).config_file)
    yield _config_file(stored)
    try:
        settings = resolve.resolve(flags, env)
    except ConfigError as error:
        yield _failed("settings", error)
        return
    key = None
    warnings: list[str] = []
    try:
        key = keys.lookup(settings, env, warnings.append)
        yield _key(key, settings, warnings) if key else _failed("key", keys.missing())
    except MiraError as error:
        yield _failed("key", error)
    yield Check("base URL", "ok", f"{settings.base_url} ({settings.sources['base_url']})")
    yield from _server(settings, key, env)


def _config_file(stored: file.Stored) -> Check:
    unknown = resolve.unknown(stored)
    if unknown:
        return Check("config file", "warning", f"{stored.path}: {' '.join(unknown)}")
    if not stored.text:
        return Check("config file", "ok", f"{stored.path or 'config.toml'}: not found; using defaults")
    count = len(stored.values)
    return Check("config file", "ok", f"{stored.path}: {count} setting{'s' if count != 1 else ''}")


def _key(key: keys.Key, settings: Settings, warnings: list[str]) -> Check:
    where = f"{key.source} {settings.paths.key_file}, mode 0600" if key.source == keys.STORED else key.source
    message = f"{key.mask} from {where}, {len(key.value)} characters"
    if len(key.value) not in keys.USUAL_LENGTHS:
        warnings = [*warnings, "Keys usually have 48 characters."]
    return Check("key", "warning" if warnings else "ok", ". ".join([message, *warnings]))


def _server(settings: Settings, key: keys.Key | None, env: Mapping[str, str]) -> Iterator[Check]:
    timeout = min(LONGEST, settings.timeout)
    limits = Limits(timeout, min(settings.connect_timeout, timeout), timeout)
    client = Client(server_from(settings, key), limits, Observer(), env=env)
    try:
        answer = yield from _connection(client, urlsplit(settings.base_url))
        if answer is not None:
            yield from _answers(client, answer, settings, has_key=key is not None)
    except NoAnswerError as error:
        raise NoAnswerError(f"No answer within {timeout:g} s.") from error
    finally:
        client.close()


def _connection(client: Client, url: SplitResult) -> Generator[Check, None, Answer | None]:
    """Proxy, DNS, connection and TLS, by a request for the quota, whose answer is returned."""
    if client.proxy:
        return (yield from _connection_by(client.proxy, client))
    yield Check("proxy", "ok", "none")
    steps = _get(client, "/quota")
    try:
        call = next(steps)
    except ConfigError as error:
        yield _failed("TLS", error)
        return None
    except Unreachable as error:
        for name in _STAGES[: _STAGES.index(error.stage)]:
            yield Check(name, "ok", "connected" if name == "connection" else f"{url.hostname} is found")
        where = "" if error.stage == "TLS" else f"{url.hostname}: "
        raise NetworkError(f"{where}{error.why}.", hint=error.advice) from error
    yield Check("DNS", "ok", f"{url.hostname} is {call.address or 'found'}")
    yield Check("connection", "ok", "connected")
    if url.scheme == "http":
        yield Check("TLS", "skipped", "Not used: http to this machine.")
    else:
        yield Check("TLS", "ok", call.tls)
    answer: Answer = next(steps)
    return answer


def _connection_by(proxy: Proxy, client: Client) -> Generator[Check, None, Answer]:
    """The same with a proxy, which does the last three."""
    answer: Answer | MiraError
    try:
        answer = client.get("/quota")
    except MiraError as error:
        if proxy.label in error.message:
            raise
        answer = error
    yield Check("proxy", "ok", f"{proxy.label} ({proxy.variable or 'system settings'})")
    yield from (Check(name, "skipped", "Done by the proxy.") for name in _STAGES)
    if isinstance(answer, MiraError):
        raise answer
    return answer


def _get(client: Client, path: str) -> Iterator[Any]:
    """The call as soon as its request has been sent, then the answer. Raises as `Client.get`."""
    happened: SimpleQueue[Any] = SimpleQueue()

    def ask() -> None:
        try:
            happened.put(client.get(path, on_sent=happened.put))
        except MiraError as error:
            happened.put(error)

    in_background(ask)
    while True:
        item = happened.get()
        if isinstance(item, MiraError):
            raise item
        yield item


def _answers(client: Client, quota: Answer, settings: Settings, *, has_key: bool) -> Iterator[Check]:
    """Check the key, the models and the clock against the server's answers."""
    get = cache(client.get)
    if has_key:
        answer = quota if _tells(quota) else get("/models", at_origin=False)
        yield _accepted(answer, settings)
    else:
        yield Check("key accepted", "skipped", "There is no key to try.")
    listed, source = models.fetch(get)
    yield _models([model.id for model in listed], source, settings)
    yield _clock(quota.date)


def _tells(answer: Answer) -> bool:
    """Whether the answer tells if the key is good."""
    if answer.status in _CANNOT_TELL:
        return isinstance(answer.error, QuotaError)
    return answer.status != _OK or answer.value is not None


def _accepted(answer: Answer, settings: Settings) -> Check:
    advice = check_address(settings.base_url)
    if answer.error is None and answer.value is None:
        message = f"The server does not answer in JSON. {advice}"
        return Check("key accepted", "failed", message, ServerError.exit_code)
    if not _tells(answer):
        more = f" {advice}" if answer.status == _NOT_FOUND else ""
        return Check("key accepted", "warning", f"The server does not say ({answer.status}).{more}")
    if answer.error is not None:
        return _failed("key accepted", answer.error)
    return _quota(answer)


def _quota(answer: Answer) -> Check:
    """The plan and the quota, from the answer to `GET /v1/quota`."""
    facts = answer.value if isinstance(answer.value, dict) else {}
    plan, used, resets_at = facts.get("plan"), facts.get("utilization"), facts.get("resets_at")
    message = "yes"
    if isinstance(plan, str) and plan:
        message += f", plan {plan}"
    if isinstance(used, int | float):
        message += f", {used:.0%} of the quota used"
    if facts.get("status") == "rejected":
        message += ": the quota is used up."
        now = time.time()
        if isinstance(resets_at, int | float) and resets_at > now:
            message += f" Try again {when(now, resets_at - now)}."
        return Check("key accepted", "failed", message, QuotaError.exit_code)
    return Check("key accepted", "warning" if facts.get("status") == "allowed_warning" else "ok", message)


def _models(names: list[str], source: str, settings: Settings) -> Check:
    message = ", ".join(names)
    if source == "built-in":
        return Check("models", "warning", f"The server lists none; the known ones are {message}.")
    if settings.model not in names:
        return Check("models", "warning", f"{message}; {settings.model} is not one of them")
    return Check("models", "ok", message)


def _clock(date: str) -> Check:
    try:
        skew = round(time.time() - parsedate_to_datetime(date).timestamp())
    except (ValueError, OverflowError):
        return Check("clock", "skipped", "The server does not say what time it is.")
    if abs(skew) <= _MOST_SKEW:
        return Check("clock", "ok", "agrees with the server's")
    way = "ahead of" if skew > 0 else "behind"
    return Check("clock", "warning", f"{abs(skew)} s {way} the server's; correct it.")
