"""`mira models`: the models, as a table for people, lines for scripts, or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.api.client import Client
from mira_cli.errors import AuthError
from mira_cli.session import model_cache
from mira_cli.session.opening import TerminalObserver, limits_from, open_settings
from mira_cli.settings import keys, paths
from mira_cli.terminal.result import as_line
from mira_cli.terminal.sanitize import clean_line
from mira_cli.terminal.table import aligned

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.api.catalog import ModelInfo
    from mira_cli.terminal.streams import Streams

_HEAD = ("MODEL", "WINDOW", "LONGEST ANSWER", "PLAN")


def show_models(
    streams: Streams,
    env: Mapping[str, str],
    flags: Mapping[str, object],
    *,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Print the models that the server lists, else the built-in ones. A key is used if there is one.

    Raises:
        OutputError: Standard output cannot be written, which is found out first.
        NetworkError: The server cannot be reached.
        ConfigError: A setting or variable is broken.
    """
    settings = open_settings(streams, env, flags, quiet=quiet, verbose=verbose)
    streams.check_stdout()
    try:
        key = keys.lookup(settings, env, streams.warn)
    except AuthError as error:
        streams.note(error.message)  # the list needs no key
        key = None
    if key is not None:
        streams.hide(key.value)
    client = Client(
        settings.base_url, key.value if key else "", limits_from(settings), TerminalObserver(streams), env=env
    )
    try:
        catalog = client.models()
    finally:
        client.close()
    if catalog.source == "built-in":
        streams.note("The server did not list its models; these are the known ones.")
    else:
        model_cache.refresh((model.id for model in catalog.models), paths.locate(env))
    if as_json:
        streams.write(
            as_line({"models": [_facts(model) for model in catalog.models], "source": catalog.source})
        )
        return
    rows = [_row(model, grouped=streams.out_tty) for model in catalog.models]
    if streams.out_tty:
        streams.write(aligned([_HEAD, *rows], streams.width()))
    else:
        streams.write("".join("\t".join(map(clean_line, row)) + "\n" for row in rows))


def _facts(model: ModelInfo) -> dict[str, object]:
    return {
        "id": model.id,
        "name": model.name,
        "context_window": model.context_window,
        "max_output_tokens": model.max_output,
        "plan": model.plan,
    }


def _row(model: ModelInfo, *, grouped: bool) -> tuple[str, str, str, str]:
    """As in the table; what is not known is "". `grouped`: numbers with commas."""
    form = "," if grouped else ""
    window, longest = (
        format(tokens, form) if tokens else "" for tokens in (model.context_window, model.max_output)
    )
    return model.id, window, longest, model.plan
