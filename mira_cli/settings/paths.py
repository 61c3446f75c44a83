"""Where the files live. Looks, never creates."""

# ruff: noqa: PTH100, PTH111, PTH117, PTH118 - pathlib costs more than all that is done here

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NamedTuple

from mira_cli.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

_APP = "mira"


class Paths(NamedTuple):
    """The directories, each absolute; "" when there is no home to put them in. So are the files in them.

    Attributes:
        config_dir: Holds config.toml and the key.
        state_dir: Holds the line history of the chat's prompt.
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
        """The line history of the chat's prompt, 0600."""
        return _inside(self.state_dir, "history")

    @property
    def models_file(self) -> str:
        """Model names, one a line, for the shells' completions."""
        return _inside(self.cache_dir, "models")


def locate(env: Mapping[str, str]) -> Paths:
    """The directories for this environment: MIRA_CONFIG_DIR takes all of them, else platformdirs decides.

    On Linux with a home the answer of platformdirs is three joins (XDG Base Directory Specification); they
    are made here because its import costs more than all other settings together.

    Raises:
        ConfigError: MIRA_CONFIG_DIR is relative to a directory that is gone.
    """
    own = env.get("MIRA_CONFIG_DIR", "")
    if own:
        own = _absolute(own)
        return Paths(own, own, own)
    home = env.get("HOME", "")
    if sys.platform == "linux" and os.path.isabs(home) and "ANDROID_DATA" not in env:
        return Paths(
            _xdg(env, "XDG_CONFIG_HOME", home, ".config"),
            _xdg(env, "XDG_STATE_HOME", home, ".local/state"),
            _xdg(env, "XDG_CACHE_HOME", home, ".cache"),
        )
    return _by_platformdirs()


def _absolute(directory: str) -> str:
    try:
        return os.path.abspath(os.path.expanduser(directory))
    except FileNotFoundError as error:
        raise ConfigError(
            f"MIRA_CONFIG_DIR {directory} lies in a working directory that is gone.",
            hint="Set it to an absolute path.",
        ) from error


def _xdg(env: Mapping[str, str], variable: str, home: str, default: str) -> str:
    base = env.get(variable, "")
    if not os.path.isabs(base):
        base = os.path.join(home.rstrip("/") or "/", default)
    return os.path.join(base, _APP)


def _by_platformdirs() -> Paths:
    import platformdirs  # 5 to 20 ms that Linux does not need

    dirs = platformdirs.PlatformDirs(_APP, appauthor=False)
    try:
        found = Paths(dirs.user_config_dir, dirs.user_state_dir, dirs.user_cache_dir)
    except RuntimeError:  # neither HOME nor an entry in the user database
        return Paths("", "", "")
    # Older releases hand back "~/.config" as it stands, or take HOME as it is: no place to keep a key.
    return found if os.path.isabs(found.config_dir) else Paths("", "", "")


def _inside(directory: str, name: str) -> str:
    return os.path.join(directory, name) if directory else ""
