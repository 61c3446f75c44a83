"""A file in the person's editor."""

from __future__ import annotations

import os
import shlex
from contextlib import contextmanager

from mira_cli.errors import ConfigError
from mira_cli.light_typing import TYPE_CHECKING
from mira_cli.settings.env import for_children
from mira_cli.terminal.sinks import STDERR, STDIN, STDOUT, is_open, is_terminal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_HINT = "Set VISUAL or EDITOR to an editor, with its options: EDITOR='code --wait'"


def edit_file(path: str, env: Mapping[str, str]) -> None:
    """Open the file in $VISUAL, else $EDITOR, else vi, and wait. The editor gets no API key.

    Where the answer goes it cannot write: its screen is the terminal, wherever our own streams lead.

    Raises:
        ConfigError: The editor cannot be started or fails, or none is named and there is no terminal.
    """
    import signal  # noqa: PLC0415 - only around an editor
    import subprocess  # noqa: PLC0415 - the same

    wanted = env.get("VISUAL", "").strip() or env.get("EDITOR", "").strip()
    command = wanted or _default()
    try:
        words = shlex.split(command, posix=os.name == "posix")
        with _screen() as (source, sink):
            if source is None and not wanted:  # it would wait for keys that nobody can press
                raise ConfigError(f"There is no terminal for {command}.", hint=_HINT)
            process = subprocess.Popen(
                [*words, path],
                env=for_children(env),
                stdin=source,
                stdout=subprocess.DEVNULL if sink is None else sink,
            )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(f"Cannot start the editor '{command}': {reason}.", hint=_HINT) from error
    # Ctrl-C in an editor is for the editor.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        code = process.wait()
    finally:
        signal.signal(signal.SIGINT, before)
    if code:
        how = f"ended with code {code}" if code > 0 else f"was ended by signal {-code}"
        raise ConfigError(f"The editor '{command}' {how}.", hint=_HINT)


def _default() -> str:
    return "vi" if os.name == "posix" else "notepad"


@contextmanager
def _screen() -> Iterator[tuple[int | None, int | None]]:
    """Descriptors for an editor's input (None: ours) and output (None: nowhere).

    Ours where they are terminals, else the terminal that we were started on; without one the output is
    standard error.
    """
    if is_terminal(STDIN) and is_terminal(STDOUT):
        yield STDIN, STDOUT
        return
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError:
        yield None, STDERR if is_open(STDERR) else None
        return
    try:
        yield terminal, terminal
    finally:
        os.close(terminal)
