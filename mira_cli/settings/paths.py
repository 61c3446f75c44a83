"""Where the files are. Makes none of them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mira_cli.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Paths:
    """The directories, each absolute, and the files in them; all "" when there is no home directory.

    Attributes:
        config_dir: Holds config.toml and the key.
        state_dir: Holds the history of the chat's input line.
        cache_dir: Holds the model names that the completions read.
    """

    config_dir: str
    state_dir: str
    cache_dir: str

    @property
    def config_file(self) -> str:
        """config.toml."""
        return _inside(self.config_dir, "config.toml")

    @property
    def key_file(self) -> str:
        """The stored keys, 0600."""
        return _inside(self.config_dir, "key")

    @property
    def lock_file(self) -> str:
        """Held while config.toml or the key file is being changed."""
        return _inside(self.config_dir, ".lock")

    @property
    def history_file(self) -> str:
        """The history of the chat's input line, 0600."""
        return _inside(self.state_dir, "history")

    @property
    def models_file(self) -> str:
        """Model names, one a line, for the shells' completions."""
        return _inside(self.cache_dir, "models")


def locate(env: Mapping[str, str]) -> Paths:
    """All in MIRA_CONFIG_DIR if that is set, else where platformdirs puts them on this system.

    Raises:
        ConfigError: MIRA_CONFIG_DIR is relative to a directory that no longer exists.
    """
    if own := env.get("MIRA_CONFIG_DIR", ""):
        try:
            own = os.path.abspath(os.path.expanduser(own))  # noqa: PTH100, PTH111 - pathlib keeps the dots
        except FileNotFoundError as error:
            raise ConfigError(
                f"MIRA_CONFIG_DIR {own} is relative to a directory that no longer exists.",
                hint="Set it to an absolute path.",
            ) from error
        return Paths(own, own, own)
    import platformdirs

    dirs = platformdirs.PlatformDirs("mira", appauthor=False)
    try:
        found = Paths(dirs.user_config_dir, dirs.user_state_dir, dirs.user_cache_dir)
    except RuntimeError:  # neither HOME nor an entry in the user database
        return Paths("", "", "")
    # "~/.config" as it stands, or a relative HOME: no place to keep a key.
    return found if Path(found.config_dir).is_absolute() else Paths("", "", "")


def _inside(directory: str, name: str) -> str:
    return str(Path(directory, name)) if directory else ""
