"""The model names that the completion scripts offer, kept by `mira models` in a small file."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mira_cli.errors import ConfigError
from mira_cli.settings import files

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mira_cli.settings.paths import Paths

MOST = 200
# No character that means something to a shell: a server sends these names, and a TAB types them.
_HARMLESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,99}", re.ASCII)


def refresh(names: Iterable[str], paths: Paths) -> None:
    """Keep these names, a line each, for the next TAB.

    A cache is not worth a failure: where it cannot be written it stays as it was.
    """
    kept = [name for name in names if _HARMLESS.fullmatch(name)][:MOST]
    if not kept or not paths.models_file:
        return
    with suppress(ConfigError):
        files.make_directory(str(Path(paths.models_file).parent))
        files.write(paths.models_file, "".join(f"{name}\n" for name in kept).encode())
