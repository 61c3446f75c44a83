"""Decides where to use colour, from the flag, the environment and the streams."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_ACCENTS = {"light": "#87005f", "dark": "#ff87d7"}


def decide(
    when: str,
    env: Mapping[str, str],
    *,
    out_tty: bool,
    err_tty: bool,
    from_flag: bool = False,
    plain: bool = False,
) -> tuple[bool, bool]:
    """Whether to colour the answer, and whether to colour standard error.

    Precedence: `--color`, NO_COLOR, TERM=dumb or `--plain`, FORCE_COLOR or CLICOLOR_FORCE, whether it is a
    terminal. Only the flag `--color always` colours an answer in a pipe. `from_flag`: `when` (auto, always or
    never) came from the flag; a stored setting is overridden by NO_COLOR and TERM=dumb.
    """
    if from_flag and when == "always":
        return True, True
    if when == "never" or env.get("NO_COLOR") or plain or is_dumb(env, tty=out_tty or err_tty):
        return False, False
    forced = when == "always" or _forced(env)
    return out_tty, err_tty or forced


def is_dumb(env: Mapping[str, str], *, tty: bool) -> bool:
    """Whether escape sequences are ruled out: TERM is `dumb`, or unset on a terminal.

    Windows has no TERM. Without a terminal it may be unset, as on a build server that sets FORCE_COLOR.
    """
    term = env.get("TERM", "")
    return term == "dumb" or (tty and term in {"", "unknown"} and os.name != "nt")


def _forced(env: Mapping[str, str]) -> bool:
    """Whether the environment asks for colour without a terminal; `0` and `false` don't."""
    return any(
        env.get(name, "").lower() not in {"", "0", "false", "no"}
        for name in ("FORCE_COLOR", "CLICOLOR_FORCE")
    )


def accent(theme: str) -> str:
    """The colour of questions, as rich names it, readable on the theme's background."""
    return _ACCENTS.get(theme, "magenta")
