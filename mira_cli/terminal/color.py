"""Whether to use colour, and where: one decision from the flag, the environment and what the streams are."""

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
    """Whether to colour the answer, and whether what goes to standard error.

    `--color` > NO_COLOR > TERM=dumb or `--plain` > FORCE_COLOR, CLICOLOR_FORCE > whether it is a terminal.
    An answer in a pipe is coloured only when the flag `--color always` asks for it. `from_flag` says that
    `when` (auto, always or never) was typed as a flag: a stored setting is only a preference, and the
    environment's NO_COLOR and TERM=dumb override it.
    """
    if from_flag and when == "always":
        return True, True
    if when == "never" or env.get("NO_COLOR") or plain or is_dumb(env, tty=out_tty or err_tty):
        return False, False
    forced = when == "always" or _forced(env)
    return out_tty, err_tty or forced


def is_dumb(env: Mapping[str, str], *, tty: bool) -> bool:
    """Whether no escape sequence may be written: TERM is `dumb`, or a terminal does not say what it is.

    Windows has no TERM. Off a terminal it need not be set: a build server that sets FORCE_COLOR wants colour.
    """
    term = env.get("TERM", "")
    return term == "dumb" or (tty and term in {"", "unknown"} and os.name != "nt")


def _forced(env: Mapping[str, str]) -> bool:
    """Whether the environment asks for colour off a terminal; `0` and `false` are refusals, not requests."""
    return any(
        env.get(name, "").lower() not in {"", "0", "false", "no"}
        for name in ("FORCE_COLOR", "CLICOLOR_FORCE")
    )


def accent(theme: str) -> str:
    """The colour of questions as rich names it, readable on the background that the theme is for."""
    return _ACCENTS.get(theme, "magenta")
