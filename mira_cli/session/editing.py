"""Opens a file or a text in the user's editor."""

from __future__ import annotations

import os
import shlex
import tempfile
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from mira_cli.errors import ConfigError, UsageError
from mira_cli.settings.keys import without_key
from mira_cli.terminal.stdio import STDERR, STDIN, STDOUT, is_open, is_terminal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_FOR_SHELL = frozenset("|&;<>()$`\n*?[#~=%")  # as in git's run-command.c, without spaces and quotes
_SHELL_CODES = {126: "cannot be run", 127: "was not found"}
_HINT = "Set VISUAL or EDITOR to an editor, with its options: EDITOR='code --wait'"


def edit_file(path: str, env: Mapping[str, str]) -> None:
    """Open the file in $VISUAL, else $EDITOR, else vi, and wait. The editor doesn't see the API key.

    The command is parsed like git's, with options, quotes, `~` and `$HOME`. The editor runs on the terminal
    even if our own streams are redirected.

    Raises:
        ConfigError: The editor cannot be started or fails, or none is set and there is no terminal.
    """
    import signal
    import subprocess

    wanted = env.get("VISUAL", "").strip() or env.get("EDITOR", "").strip()
    command = wanted or ("vi" if os.name == "posix" else "notepad")
    try:
        with _screen() as (source, sink):
            if source is None and not wanted:  # vi would wait for input forever
                raise ConfigError(f"There is no terminal for {command}.", hint=_HINT)
            process = subprocess.Popen(
                _arguments(command, path),
                env=without_key(env),
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
        signalled = -code if code < 0 else code - 128  # a shell's code for a signal is 128 + its number
        how = f"was ended by signal {signalled}" if signalled > 0 else f"exited with code {code}"
        raise ConfigError(f"The editor '{command}' {_SHELL_CODES.get(code, how)}.", hint=_HINT)


def _arguments(command: str, path: str) -> list[str]:
    """The arguments that start the editor; uses the shell if the command needs expansion.

    Raises:
        ValueError: A quote is not closed.
    """
    if os.name != "posix" or _FOR_SHELL.isdisjoint(command):
        return [*shlex.split(command, posix=os.name == "posix"), path]
    return ["/bin/sh", "-c", f'{command} "$@"', command, path]


def write_in_editor(draft: str, env: Mapping[str, str]) -> str:
    """Open `draft` in the editor and return the edited text, without a BOM and trailing newlines.

    Raises:
        ConfigError: As `edit_file`.
        UsageError: The saved file is not text, or is gone.
    """
    try:
        handle, path = tempfile.mkstemp(prefix="mira-", suffix=".md")  # 0600: nobody else reads it
    except OSError as error:
        raise UsageError(
            f"Cannot make a temporary file: {error.strerror}.",
            hint="Set TMPDIR to a directory of yours.",
        ) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
            file.write(draft)
        edit_file(path, env)
        with open(path, encoding="utf-8-sig") as file:
            return file.read().rstrip("\n")
    except UnicodeDecodeError as error:
        raise UsageError("What the editor saved is not UTF-8 text.") from error
    except OSError as error:
        raise UsageError(f"Cannot use the editor's file {path}: {error.strerror}.") from error
    finally:
        with suppress(OSError):
            os.unlink(path)


@contextmanager
def _screen() -> Iterator[tuple[int | None, int | None]]:
    """Descriptors for the editor's input (None to inherit ours) and output (None to discard it).

    Ours if they are terminals, else our controlling terminal; without one, the output goes to standard error.
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
