"""How the API is reached and what it says of the key, for `mira config check`."""

from __future__ import annotations

from mira_cli.api import catalog
from mira_cli.api.asked import Asked
from mira_cli.api.probe import Probe
from mira_cli.errors import MiraError
from mira_cli.light_typing import TYPE_CHECKING, Any
from mira_cli.session.check import Check, failed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mira_cli.api.catalog import Catalog
    from mira_cli.api.probe import Fetched
    from mira_cli.settings.keys import Key
    from mira_cli.settings.resolve import Settings

LONGEST = 15.0  # seconds a step may take, if the settings do not allow less
_NAMES = ("proxy", "name", "connection", "TLS", "key accepted", "models", "clock")
_MOST_SKEW = 60  # seconds
_FEW_DAYS = 14
_CANNOT_TELL = frozenset({403, 404, 405, 410, 501})  # a server that has no such path says nothing of the key
_NETWORK = 3


def check_server(settings: Settings, key: Key | None, env: Mapping[str, str]) -> Iterator[Check]:
    """Proxy, name, connection, TLS, whether the key is accepted, models and clock; a line each."""
    told = set()
    for check in _look(settings, key, env):
        told.add(check.name)
        yield check
    for name in _NAMES:
        if name not in told:
            yield Check(name, "skipped", "Not reached.")


def _look(settings: Settings, key: Key | None, env: Mapping[str, str]) -> Iterator[Check]:
    """The same as far as it gets."""
    asked = Asked(
        settings.base_url,
        key.value if key else "",
        key_label=f"key {key.mask} from {key.source}" if key else "",
        key_hint=key.replacing if key else "",
    )
    try:
        probe = Probe(asked, env, min(LONGEST, settings.timeout))
    except MiraError as error:
        yield failed("environment", error)
        return
    try:
        yield _proxy(probe)
        reached = True
        for check in _way(probe):
            yield check
            reached = reached and check.status != "failed"
        if reached:
            yield from _answers(probe, settings, has_key=key is not None)
    finally:
        probe.close()


def _proxy(probe: Probe) -> Check:
    label, variable = probe.proxy
    if not label:
        return Check("proxy", "ok", "none")
    return Check("proxy", "ok", f"{label} ({variable or 'system settings'})")


def _way(probe: Probe) -> Iterator[Check]:
    """Name, connection and TLS; behind a proxy these are the proxy's business."""
    if probe.proxy[0]:
        for name in ("name", "connection", "TLS"):
            yield Check(name, "skipped", "The proxy sees to it.")
        return
    try:
        reached = probe.reach()
    except MiraError as error:
        yield failed("TLS", error)
        return
    if not reached.found:
        yield Check("name", "failed", f"{probe.host}: {reached.why}. Check the connection.", _NETWORK)
        return
    yield Check(
        "name", "ok", f"{probe.host} is {reached.address}" if reached.address else f"{probe.host} is found"
    )
    if reached.why and not reached.in_tls:
        yield Check("connection", "failed", f"{probe.host}: {reached.why}.", _NETWORK)
        return
    yield Check("connection", "ok", "made")
    if not probe.secure:
        yield Check("TLS", "skipped", "Not used: http stays on this machine.")
    elif reached.why:
        yield Check(
            "TLS",
            "failed",
            f"{reached.why.removeprefix('TLS: ')}. Check SSL_CERT_FILE and the clock.",
            _NETWORK,
        )
    else:
        few = reached.days is not None and reached.days < _FEW_DAYS
        until = "" if reached.days is None else f", certificate good for {reached.days} days"
        yield Check("TLS", "warning" if few else "ok", f"{reached.tls}{until}")


def _answers(probe: Probe, settings: Settings, *, has_key: bool) -> Iterator[Check]:
    """What the server says of the key, its models and the time."""
    try:
        fetched = probe.fetch("/quota")
        if fetched.status in _CANNOT_TELL:
            listed = probe.fetch("/models")
            yield _accepted(listed, has_key=has_key)
        else:
            yield _accepted(fetched, has_key=has_key)
        known = catalog.fetch(probe)
    except MiraError as error:
        yield failed("key accepted", error)
        return
    yield _models(known, settings)
    yield _clock(fetched)


def _accepted(fetched: Fetched, *, has_key: bool) -> Check:
    if not has_key:
        return Check("key accepted", "skipped", "There is no key to try.")
    if fetched.status in _CANNOT_TELL:
        return Check("key accepted", "warning", f"The server does not tell ({fetched.status}).")
    if fetched.error is not None:
        return failed("key accepted", fetched.error)
    return _quota(fetched.value)


def _quota(value: Any) -> Check:
    """What `GET /v1/quota` tells besides that the key is good."""
    facts = value if isinstance(value, dict) else {}
    plan, used = facts.get("plan"), facts.get("utilization")
    words = ["yes"]
    if isinstance(plan, str) and plan:
        words.append(f"plan {plan}")
    if isinstance(used, int | float) and not isinstance(used, bool):
        words.append(f"{used:.0%} of the quota used")
    if facts.get("status") == "rejected":
        return Check("key accepted", "warning", f"{', '.join(words)}: the quota is used up")
    return Check("key accepted", "ok", ", ".join(words))


def _models(known: Catalog, settings: Settings) -> Check:
    names = [model.id for model in known.models]
    message = ", ".join(names)
    if known.source == "built-in":
        return Check("models", "warning", f"The server lists none; known are {message}.")
    if settings.model not in names:
        return Check("models", "warning", f"{message}: {settings.model} is not among them")
    return Check("models", "ok", message)


def _clock(fetched: Fetched) -> Check:
    if fetched.date is None:
        return Check("clock", "skipped", "The server does not tell the time.")
    skew = round(fetched.asked_at - fetched.date)
    if abs(skew) <= _MOST_SKEW:
        return Check("clock", "ok", "agrees with the server's")
    way = "ahead of" if skew > 0 else "behind"
    return Check("clock", "warning", f"{abs(skew)} s {way} the server's; set it right.")
