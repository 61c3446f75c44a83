"""Runs the key command: without a shell, ten seconds at most; its output is never shown."""

from __future__ import annotations

import os
import shlex
import subprocess
from typing import TYPE_CHECKING

from mira_cli.errors import AuthError
from mira_cli.settings.keys import check, without_key

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT = 10.0  # seconds
_MOST = 1 << 16  # bytes of output that are read, which is what a pipe holds
_HINT = "key_command runs without a shell. For pipes, ~ or $VARIABLES use: sh -c '…'"


def run(command: str, env: Mapping[str, str], *, timeout: float = TIMEOUT) -> str:
    """The key in the first line that `command` prints; it gets the environment without the key.

    Raises:
        AuthError: It cannot be started, fails, takes longer than `timeout` seconds or prints no key.
    """
    # A pipe of our own: what the command leaves running may keep it open, and is not waited for.
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb", buffering=0) as output, os.fdopen(writer, "wb", buffering=0) as given:
        try:
            done = subprocess.run(
                shlex.split(command),
                stdin=subprocess.DEVNULL,
                stdout=given,
                stderr=subprocess.DEVNULL,
                env=without_key(env),
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise AuthError(f"key_command did not end within {timeout:g} s.", hint=_HINT) from error
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it holds a NUL"
            raise AuthError(f"key_command could not be started: {reason}.", hint=_HINT) from error
        if done.returncode:
            code = done.returncode
            how = f"failed with code {code}" if code > 0 else f"was ended by signal {-code}"
            raise AuthError(f"key_command {how}.", hint=_HINT)
        given.close()
        if os.name == "posix":
            os.set_blocking(output.fileno(), False)
        text = (output.read(_MOST) or b"").decode("utf-8", "replace")
    line = next((line for line in text.splitlines() if line.strip()), "")
    if not line:
        raise AuthError("key_command printed nothing.", hint=_HINT)
    try:
        return check(line)
    except AuthError as error:
        raise AuthError(error.message, hint=_HINT) from None
