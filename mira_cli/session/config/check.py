"""`mira config check`: tests settings, key and each step of the connection; uses no tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from mira_cli.errors import MiraError, UsageError
from mira_cli.masking import redact
from mira_cli.settings import file, keys, paths, resolve
from mira_cli.terminal.result import as_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mira_cli.settings.resolve import Settings
    from mira_cli.terminal.streams import Streams

Status: TypeAlias = "Literal['ok', 'warning', 'failed', 'skipped']"
_NAMES = (
    "config file",
    "key",
    "base URL",
    "proxy",
    "DNS",
    "connection",
    "TLS",
    "key accepted",
    "models",
    "clock",
)

_NARROW = 56  # columns below which a message goes on a line of its own


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report.

    Attributes:
        name: What was checked.
        status: The result.
        message: What was found.
        code: The exit code of a failure, 0 otherwise.
    """

    name: str
    status: Status
    message: str
    code: int = 0


def failed(name: str, error: MiraError) -> Check:
    """The line for a check that an error ended."""
    return Check(name, "failed", f"{error.message} {error.hint}".strip(), error.exit_code)


def run(
    streams: Streams, env: Mapping[str, str], flags: Mapping[str, object], *, as_json: bool = False
) -> int:
    """Run the checks, and print each as soon as it is done, or all as one JSON object.

    Returns:
        The exit code: 0, or that of the first line that failed.

    Raises:
        UsageError: A flag has a bad value.
    """
    done: list[Check] = []
    for check in checks(env, flags):
        done.append(check)
        if not as_json:
            streams.write(_line(streams, check))
    code = next((check.code for check in done if check.status == "failed"), 0)
    if as_json:
        listed = [
            {"name": check.name, "status": check.status, "message": redact(check.message)} for check in done
        ]
        streams.write(as_line({"ok": code == 0, "code": code, "checks": listed}))
    return code


def checks(env: Mapping[str, str], flags: Mapping[str, object]) -> Iterator[Check]:
    """The checks in order; those that could not be made are skipped."""
    done = set()
    for check in _checks_made(env, flags):
        done.add(check.name)
        yield check
    for name in _NAMES:
        if name not in done:
            yield Check(name, "skipped", "Not reached.")


def _checks_made(env: Mapping[str, str], flags: Mapping[str, object]) -> Iterator[Check]:
    """The checks until one stops the rest."""
    found = paths.locate(env)
    try:
        stored = file.load(found.config_file)
    except MiraError as error:
        yield failed("config file", error)
        return
    try:
        settings = resolve.resolve(flags, env)
    except UsageError:  # a bad flag is a usage error, not a result
        raise
    except MiraError as error:
        yield _config_file(stored)
        yield failed("settings", error)
        return
    yield _config_file(stored)
    key = None
    warnings: list[str] = []
    try:
        key = keys.lookup(settings, env, warnings.append)
        if key is None:
            raise keys.missing()
        yield _key(key, settings, warnings)
    except MiraError as error:
        yield failed("key", error)
    yield Check("base URL", "ok", f"{settings.base_url} ({settings.sources['base_url']})")
    from mira_cli.session.config.check_server import check_server

    yield from check_server(settings, key, env)


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


def _line(streams: Streams, check: Check) -> str:
    """In columns for a person, folded between words; separated by tabs in a pipe. Sanitised."""
    from mira_cli.terminal.sanitize import clean_line

    message = clean_line(redact(check.message))
    if streams.out_tty:
        from mira_cli.terminal.cells import fold
        from mira_cli.terminal.table import aligned

        widths = (max(map(len, ("warning", "skipped"))), max(map(len, _NAMES)))
        columns = streams.width()
        if columns < _NARROW:
            return aligned([(check.status, check.name)], columns, least=widths) + fold(
                f"  {message}\n", columns
            )
        return aligned([(check.status, check.name, message)], columns, least=widths)
    return f"{check.name}\t{check.status}\t{message}\n"
