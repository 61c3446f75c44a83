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
    """The files, each by its absolute path; all "" when there is no home directory.

    Attributes:
        config_dir: Holds config.toml and the key.
        config_file: config.toml.
        key_file: The stored keys, 0600.
        lock_file: Held while either of them is being changed.
        prompts_dir: The saved prompts, `NAME.md` each.
        history_file: The history of the chat's input line, 0600.
        models_file: Model names, one a line, for the shells' completions.
    """

    config_dir: str = ""
    config_file: str = ""
    key_file: str = ""
    lock_file: str = ""
    prompts_dir: str = ""
    history_file: str = ""
    models_file: str = ""


def locate(env: Mapping[str, str]) -> Paths:
    """All in MIRA_CONFIG_DIR if that is set, else where platformdirs puts them on this system.

    Raises:
        ConfigError: MIRA_CONFIG_DIR is relative to a directory that no longer exists.
    """
    own = env.get("MIRA_CONFIG_DIR", "")
    try:
        if own:
            config = state = cache = Path(os.path.abspath(os.path.expanduser(own)))  # noqa: PTH100, PTH111 - drops ..
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
    found = (
        config,
        config / "config.toml",
        config / "key",
        config / ".lock",
        config / "prompts",
        state / "history",
        cache / "models",
    )
    return Paths(*map(str, found))
