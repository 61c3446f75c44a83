"""A text written in the person's editor: a question of `-e`, the input line of a chat."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress

from mira_cli.errors import UsageError
from mira_cli.light_typing import TYPE_CHECKING
from mira_cli.session.editing import edit_file

if TYPE_CHECKING:
    from collections.abc import Mapping


def write_in_editor(draft: str, env: Mapping[str, str]) -> str:
    """Open `draft` in $VISUAL or $EDITOR and return what it became, without trailing line ends.

    Raises:
        ConfigError: The editor cannot be started or fails.
        UsageError: What was saved is no text, or gone.
    """
    handle, path = tempfile.mkstemp(prefix="mira-", suffix=".md")  # 0600: nobody else reads it
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
            file.write(draft)
        edit_file(path, env)
        with open(path, encoding="utf-8") as file:  # noqa: PTH123 - a path of tempfile's
            return file.read().rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"Cannot read what the editor saved: {error}.") from error
    finally:
        with suppress(OSError):
            os.unlink(path)  # noqa: PTH108 - the same
