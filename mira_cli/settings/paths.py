"""Where the files are. Makes none of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mira_cli.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Paths:
    """The files, each by its absolute path; all "" when there is no home directory."""

    config_dir: str = ""
    config_file: str = ""
    key_file: str = ""
    lock_file: str = ""  # held while one of these two is being changed
    prompts_dir: str = ""
    history_file: str = ""  # of the chat's input line
    models_file: str = ""  # names for the shells' completions


def locate(env: Mapping[str, str]) -> Paths:
    """All in MIRA_CONFIG_DIR if that is set, else where platformdirs puts them on this system.

    Raises:
        ConfigError: MIRA_CONFIG_DIR is relative to a directory that no longer exists.
    """
    own = env.get("MIRA_CONFIG_DIR", "")
    try:
        if own:
            config = state = cache = Path(own).expanduser().absolute()
        else:
            import platformdirs

            dirs = platformdirs.PlatformDirs("mira", appauthor=False)
            config, state, cache = dirs.user_config_path, dirs.user_state_path, dirs.user_cache_path
    except FileNotFoundError as error:
        raise ConfigError(
            f"MIRA_CONFIG_DIR {own} is relative to a directory that no longer exists.",
            hint="Set it to an absolute path.",
        ) from error
    except RuntimeError:  # neither HOME nor an entry in the user database
        return Paths()
    if not config.is_absolute():  # "~/.config" as it stands, or a relative HOME: no place to keep a key
        return Paths()
    names = ("", "config.toml", "key", ".lock", "prompts")
    found = [*(config / name for name in names), state / "history", cache / "models"]
    return Paths(*map(str, found))
