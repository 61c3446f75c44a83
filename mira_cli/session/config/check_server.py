"""The checks of `mira config check` that need the network: connection, key, models, clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.api import models
from mira_cli.api.network_errors import tls_advice
from mira_cli.api.probe import Probe
from mira_cli.api.request import Server
from mira_cli.api.retry import when
from mira_cli.api.status_errors import check_address
from mira_cli.errors import MiraError, NetworkError, NoAnswerError, QuotaError, ServerError
from mira_cli.session.config.check import Check, failed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mira_cli.api.models import Catalog
    from mira_cli.api.probe import Fetched
    from mira_cli.settings.keys import Key
    from mira_cli.settings.resolve import Settings

LONGEST = 15.0  # seconds a step may take, if the settings do not allow less
_MOST_SKEW = 60  # seconds
_FEW_DAYS = 14
_OK, _NOT_FOUND = 200, 404
_CANNOT_TELL = frozenset({403, 404, 405, 410, 501})  # a server without such a path says nothing about the key


def check_server(settings: Settings, key: Key | None, env: Mapping[str, str]) -> Iterator[Check]:
    """Proxy, DNS, connection, TLS, key accepted, models and clock, until one fails."""
    server = Server(
        settings.base_url,
        key.value if key else "",
        key_label=f"key {key.mask} from {key.source}" if key else "",
        key_hint=key.replacing if key else "",
    )
    try:
        timeout = _longest(settings)
        probe = Probe(server, env, timeout=timeout, connect_timeout=min(settings.connect_timeout, timeout))
    except MiraError as error:
        yield failed("environment", error)
        return
    try:
        reached = True
        for check in _way(probe):
            yield check
            reached = reached and check.status != "failed"
        if reached:
            yield from _answers(probe, settings, has_key=key is not None)
    finally:
        probe.close()


def _longest(settings: Settings) -> float:
    return min(LONGEST, settings.timeout)


def _way(probe: Probe) -> Iterator[Check]:
    """Proxy, name, connection and TLS; behind a proxy the latter are the proxy's business."""
    label, variable = probe.proxy
    if label:
        yield _proxy(probe, label, variable)
        for name in ("DNS", "connection", "TLS"):
            yield Check(name, "skipped", "Done by the proxy.")
        return
    yield Check("proxy", "ok", "none")
    try:
        reached = probe.reach("/quota")
    except MiraError as error:
        yield failed("TLS", error)
        return
    if not reached.found:
        yield Check(
            "DNS", "failed", f"{probe.host}: {reached.why}. Check the connection.", NetworkError.exit_code
        )
        return
    yield Check(
        "DNS", "ok", f"{probe.host} is {reached.address}" if reached.address else f"{probe.host} is found"
    )
    if reached.why and not reached.in_tls:
        yield Check("connection", "failed", f"{probe.host}: {reached.why}.", NetworkError.exit_code)
        return
    yield Check("connection", "ok", "connected")
    if not probe.secure:
        yield Check("TLS", "skipped", "Not used: http to this machine.")
    elif reached.why:
        yield Check(
            "TLS",
            "failed",
            f"{reached.why.removeprefix('TLS: ')}. {tls_advice(reached.why)}",
            NetworkError.exit_code,
        )
    else:
        few = reached.days is not None and reached.days < _FEW_DAYS
        until = "" if reached.days is None else f", certificate good for {reached.days} days"
        yield Check("TLS", "warning" if few else "ok", f"{reached.tls}{until}")


def _proxy(probe: Probe, label: str, variable: str) -> Check:
    """What a proxy is worth shows when it is used; the answer itself is looked at later."""
    try:
        probe.fetch("/quota")
    except MiraError as error:
        if label in error.message:
            return failed("proxy", error)
    return Check("proxy", "ok", f"{label} ({variable or 'system settings'})")


def _answers(probe: Probe, settings: Settings, *, has_key: bool) -> Iterator[Check]:
    """What the server says about the key, its models and the time."""
    try:
        fetched = probe.fetch("/quota")
        telling = fetched if _tells(fetched) else probe.fetch("/models")
        yield _accepted(telling, settings, has_key=has_key)
        known = models.fetch(probe)
    except NoAnswerError as error:
        yield Check("key accepted", "failed", f"No answer within {_longest(settings):g} s.", error.exit_code)
        return
    except MiraError as error:
        yield failed("key accepted", error)
        return
    yield _models(known, settings)
    yield _clock(fetched)


def _tells(fetched: Fetched) -> bool:
    """Whether the answer says anything about the key."""
    if fetched.status in _CANNOT_TELL:
        return isinstance(fetched.error, QuotaError)
    return fetched.status != _OK or fetched.value is not None


def _accepted(fetched: Fetched, settings: Settings, *, has_key: bool) -> Check:
    advice = check_address(settings.base_url)
    if not has_key:
        return Check("key accepted", "skipped", "There is no key to try.")
    if fetched.error is None and fetched.value is None:
        return Check(
            "key accepted", "failed", f"The server does not answer in JSON. {advice}", ServerError.exit_code
        )
    if not _tells(fetched):
        more = f" {advice}" if fetched.status == _NOT_FOUND else ""
        return Check("key accepted", "warning", f"The server does not say ({fetched.status}).{more}")
    if fetched.error is not None:
        return failed("key accepted", fetched.error)
    return _quota(fetched)


def _quota(fetched: Fetched) -> Check:
    """What `GET /v1/quota` tells besides that the key is good."""
    facts = fetched.value if isinstance(fetched.value, dict) else {}
    plan, used, resets_at = facts.get("plan"), _number(facts, "utilization"), _number(facts, "resets_at")
    words = ["yes"]
    if isinstance(plan, str) and plan:
        words.append(f"plan {plan}")
    if used is not None:
        words.append(f"{used:.0%} of the quota used")
    told = ", ".join(words)
    if facts.get("status") == "rejected":
        wait = (resets_at or 0) - fetched.asked_at
        again = f" Try again {when(fetched.asked_at, wait)}." if wait > 0 else ""
        return Check("key accepted", "failed", f"{told}: the quota is used up.{again}", QuotaError.exit_code)
    return Check("key accepted", "warning" if facts.get("status") == "allowed_warning" else "ok", told)


def _number(facts: Mapping[str, object], name: str) -> float | None:
    value = facts.get(name)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _models(known: Catalog, settings: Settings) -> Check:
    names = [model.id for model in known.models]
    message = ", ".join(names)
    if known.source == "built-in":
        return Check("models", "warning", f"The server lists none; the known ones are {message}.")
    if settings.model not in names:
        return Check("models", "warning", f"{message}; {settings.model} is not one of them")
    return Check("models", "ok", message)


def _clock(fetched: Fetched) -> Check:
    if fetched.date is None:
        return Check("clock", "skipped", "The server does not say what time it is.")
    skew = round(fetched.asked_at - fetched.date)
    if abs(skew) <= _MOST_SKEW:
        return Check("clock", "ok", "agrees with the server's")
    way = "ahead of" if skew > 0 else "behind"
    return Check("clock", "warning", f"{abs(skew)} s {way} the server's; correct it.")
