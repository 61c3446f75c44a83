"""The paths of mira's files. Creates none of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mira_cli.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping


class Paths:
    """Absolute paths of mira's files; all "" if there is no home directory."""

    def __init__(self, config: str = "", state: str = "", cache: str = "") -> None:
        def within(directory: str, name: str) -> str:
            return directory and str(Path(directory, name))

        self.config_dir = config
        self.config_file = within(config, "config.toml")
        self.key_file = within(config, "key")
        self.lock_file = within(config, ".lock")  # held while one of the two above is changed
        self.prompts_dir = within(config, "prompts")
        self.history_file = within(state, "history")  # of the chat's input line
        self.models_file = within(cache, "models")  # names for the shells' completions


def locate(env: Mapping[str, str]) -> Paths:
    """The paths: in MIRA_CONFIG_DIR if that is set, else in the platform's directories.

    Raises:
        ConfigError: MIRA_CONFIG_DIR is relative to a directory that no longer exists.
    """
    own = env.get("MIRA_CONFIG_DIR", "")
    try:
        if own:
            directories = [Path(own).expanduser().absolute()] * 3
        else:
            import platformdirs

            dirs = platformdirs.PlatformDirs("mira", appauthor=False)
            directories = [dirs.user_config_path, dirs.user_state_path, dirs.user_cache_path]
    except FileNotFoundError as error:
        raise ConfigError(
            f"MIRA_CONFIG_DIR {own} is relative to a directory that no longer exists.",
            hint="Set it to an absolute path.",
        ) from error
    except RuntimeError:  # neither HOME nor an entry in the user database
        return Paths()
    if not directories[0].is_absolute():  # an unexpanded "~", or a relative HOME: not safe for a key
        return Paths()
    return Paths(*map(str, directories))


def in_home(path: str) -> str:
    """`path` itself. Raises ConfigError if it is "", because there is no home directory."""
    if not path:
        message = "There is no home directory to keep settings in."
        raise ConfigError(message, hint="Set HOME or MIRA_CONFIG_DIR.")
    return path
