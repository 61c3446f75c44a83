"""`mira models`: lists the models, and caches their names for the completions."""

from __future__ import annotations

import re
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mira_cli.api.models import fetch
from mira_cli.errors import AuthError, ConfigError
from mira_cli.session.opening import TerminalObserver, client_with
from mira_cli.session.startup import open_settings
from mira_cli.settings import files, keys
from mira_cli.terminal.result import as_line
from mira_cli.terminal.table import write_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mira_cli.api.models import ModelInfo
    from mira_cli.settings.paths import Paths
    from mira_cli.settings.resolve import Settings
    from mira_cli.terminal.streams import Streams

MAX_CACHED = 200
_JSON_NAMES = ("id", "name", "context_window", "max_output_tokens", "plan")  # of the fields of ModelInfo
# The server chooses these names and Tab inserts them, so they must be harmless in a shell.
_HARMLESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,99}", re.ASCII)


def show_models(
    streams: Streams,
    env: Mapping[str, str],
    flags: Mapping[str, object],
    *,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Print the server's models, else the built-in ones; cache the names for completions."""
    settings = open_settings(streams, env, flags, quiet=quiet, verbose=verbose)
    streams.check_stdout()
    models, source = _fetch(streams, env, settings)
    if source == "built-in":
        streams.note("The server did not list its models; these are the built-in ones.")
    else:
        cache_names((model.id for model in models), settings.paths)
    if as_json:
        listed = [dict(zip(_JSON_NAMES, model, strict=True)) for model in models]
        streams.write(as_line({"models": listed, "source": source}))
        return

    def figure(tokens: int) -> str:
        return format(tokens, "," if streams.out_tty else "") if tokens else ""

    rows = [(each.id, figure(each.context_window), figure(each.max_output), each.plan) for each in models]
    write_table(streams, rows, ("MODEL", "WINDOW", "MAX REPLY", "PLAN"))


def _fetch(streams: Streams, env: Mapping[str, str], settings: Settings) -> tuple[list[ModelInfo], str]:
    """Ask the server, with the key if there is one; the list doesn't need it."""
    try:
        key = keys.lookup(settings, env, streams.warn)
    except AuthError as error:
        streams.note(error.message)
        key = None
    with closing(client_with(key, env, settings, TerminalObserver(streams))) as client:
        return fetch(client.get)


def cache_names(names: Iterable[str], paths: Paths) -> None:
    """Cache these names, one a line, for the completion scripts, if it can be written."""
    kept = [name for name in names if _HARMLESS.fullmatch(name)][:MAX_CACHED]
    if not kept or not paths.models_file:
        return
    with suppress(ConfigError):
        files.make_directory(str(Path(paths.models_file).parent))
        files.write(paths.models_file, "".join(f"{name}\n" for name in kept).encode())
