"""The key command: run without a shell, ten seconds at most, its output never shown."""

from __future__ import annotations

import os
import shlex
import subprocess
from typing import TYPE_CHECKING

from mira_cli.background import SideThread
from mira_cli.errors import AuthError
from mira_cli.settings.env import for_children

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = 10.0  # seconds
_MOST = 1 << 16  # bytes of its output that are read
_REST = 0.5  # seconds for what a command that has ended left in the pipe
_HINT = "Check it with: mira config get key_command"


def run(command: str, env: Mapping[str, str], *, longest: float = LONGEST) -> str:
    """The first line with text that `command` prints.

    Raises:
        AuthError: It cannot be started, fails, takes too long or prints nothing.
    """
    try:
        process = subprocess.Popen(
            shlex.split(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=for_children(env),
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it holds a NUL"
        raise AuthError(f"key_command could not be started: {reason}.", hint=_HINT) from error
    parts: list[bytes] = []
    reader = SideThread(lambda: _read(process, parts))
    reader.start()
    try:
        code = process.wait(longest)
    except subprocess.TimeoutExpired as error:
        raise AuthError(f"key_command did not end within {longest:g} s.", hint=_HINT) from error
    finally:
        process.kill()
        process.wait()
    reader.join(_REST)
    output = b"".join(parts)
    if code:
        how = f"failed with code {code}" if code > 0 else f"was ended by signal {-code}"
        raise AuthError(f"key_command {how}.", hint=_HINT)
    line = next((line for line in output.decode("utf-8", "replace").splitlines() if line.strip()), "")
    if not line:
        raise AuthError("key_command printed nothing.", hint=_HINT)
    return line


def _read(process: subprocess.Popen[bytes], parts: list[bytes]) -> None:
    """Gather up to _MOST bytes of its output as they come: what it started may hold the pipe for longer."""
    if process.stdout is None:
        return
    with process.stdout as pipe:
        left = _MOST
        while left and (part := os.read(pipe.fileno(), left)):
            parts.append(part)
            left -= len(part)
