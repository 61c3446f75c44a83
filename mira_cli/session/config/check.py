"""`mira config check`: whether mira could ask, and if not, where it ends. Costs nothing, asks nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.errors import MiraError, UsageError
from mira_cli.session.config.check_line import Check, failed
from mira_cli.settings import file, keys, paths, resolve
from mira_cli.terminal.result import as_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mira_cli.settings.resolve import Settings
    from mira_cli.terminal.streams import Streams

_NAMES = (
    "config file",
    "key",
    "base URL",
    "proxy",
    "name",
    "connection",
    "TLS",
    "key accepted",
    "models",
    "clock",
)


def run(
    streams: Streams, env: Mapping[str, str], flags: Mapping[str, object], *, as_json: bool = False
) -> int:
    """Look at everything, and print a line for each thing as soon as it is known, or all as one JSON object.

    Returns:
        The exit code: 0, or that of the first line that failed.

    Raises:
        UsageError: A flag has a bad value.
    """
    done: list[Check] = []
    for check in checks(streams, env, flags):
        done.append(check)
        if not as_json:
            streams.write(_line(streams, check))
    code = next((check.code for check in done if check.status == "failed"), 0)
    if as_json:
        listed = [
            {"name": check.name, "status": check.status, "message": streams.redact(check.message)}
            for check in done
        ]
        streams.write(as_line({"ok": code == 0, "code": code, "checks": listed}))
    return code


def checks(streams: Streams, env: Mapping[str, str], flags: Mapping[str, object]) -> Iterator[Check]:
    """The lines, one after the other; what could not be looked at is said to be skipped."""
    told = set()
    for check in _look(streams, env, flags):
        told.add(check.name)
        yield check
    for name in _NAMES:
        if name not in told:
            yield Check(name, "skipped", "Not reached.")


def _look(streams: Streams, env: Mapping[str, str], flags: Mapping[str, object]) -> Iterator[Check]:
    """The same as far as it gets."""
    found = paths.locate(env)
    try:
        stored = file.load(found.config_file)
    except MiraError as error:
        yield failed("config file", error)
        return
    try:
        settings = resolve.resolve(flags, env)
    except UsageError:  # a bad flag is a wrong call, and no finding
        raise
    except MiraError as error:
        yield _config_file(stored)
        yield failed("settings", error)
        return
    yield _config_file(stored)
    key = None
    warnings: list[str] = []
    try:
        key = keys.find_key(settings, env, warnings.append)
        streams.hide(key.value)
        yield _key(key, settings, warnings)
    except MiraError as error:
        yield failed("key", error)
    yield Check("base URL", "ok", f"{settings.base_url} ({settings.source('base_url')})")
    from mira_cli.session.config.check_server import check_server

    yield from check_server(settings, key, env)


def _config_file(stored: file.Stored) -> Check:
    unknown = resolve.unknown(stored)
    if unknown:
        return Check("config file", "warning", f"{stored.path}: {' '.join(unknown)}")
    if not stored.text:
        return Check("config file", "ok", f"{stored.path or 'config.toml'}: none, the defaults hold")
    count = len(stored.values)
    return Check("config file", "ok", f"{stored.path}: {count} setting{'s' if count != 1 else ''}")


def _key(key: keys.Key, settings: Settings, warnings: list[str]) -> Check:
    where = f"{key.source} {settings.paths.key_file}, mode 0600" if key.source == keys.STORED else key.source
    message = f"{key.mask} from {where}, {len(key.value)} characters"
    if len(key.value) not in keys.USUAL_LENGTHS:
        warnings = [*warnings, "Keys usually have 48 characters."]
    return Check("key", "warning" if warnings else "ok", ". ".join([message, *warnings]))


def _line(streams: Streams, check: Check) -> str:
    """Aligned for a person, separated by tabs in a pipe; nothing in it acts on a terminal."""
    from mira_cli.terminal.sanitize import clean_line

    message = clean_line(streams.redact(check.message))
    if streams.out_tty:
        return f"{check.status:<8} {check.name:<13} {message}\n"
    return f"{check.name}\t{check.status}\t{message}\n"
