"""A file in the person's editor."""

from __future__ import annotations

import os
import shlex

from mira_cli.errors import ConfigError
from mira_cli.light_typing import TYPE_CHECKING
from mira_cli.settings.env import for_children

if TYPE_CHECKING:
    from collections.abc import Mapping

_HINT = "Set VISUAL or EDITOR to an editor, with its options: EDITOR='code --wait'"


def edit_file(path: str, env: Mapping[str, str]) -> None:
    """Open the file in $VISUAL, else $EDITOR, else vi, and wait. The editor gets no API key.

    Raises:
        ConfigError: The editor cannot be started or fails.
    """
    import signal  # noqa: PLC0415 - only around an editor
    import subprocess  # noqa: PLC0415 - the same

    command = env.get("VISUAL", "").strip() or env.get("EDITOR", "").strip() or _default()
    try:
        words = shlex.split(command, posix=os.name == "posix")
        process = subprocess.Popen([*words, path], env=for_children(env))
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
