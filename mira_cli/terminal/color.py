"""Whether to use colour, and where: one decision from the flag, the environment and what the streams are."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Colors(NamedTuple):
    """Where colour may stand.

    Attributes:
        answer: In the reply on standard output; in a pipe only when the flag `--color always` asks for it.
        stderr: In notes, errors and the usage line.
    """

    answer: bool = False
    stderr: bool = False


def decide(
    when: str,
    env: Mapping[str, str],
    *,
    out_tty: bool,
    err_tty: bool,
    from_flag: bool = False,
    plain: bool = False,
) -> Colors:
    """Weigh `--color` > NO_COLOR > TERM=dumb > FORCE_COLOR, CLICOLOR_FORCE > whether it is a terminal.

    Args:
        when: auto, always or never.
        env: The environment.
        out_tty: Whether standard output is a terminal.
        err_tty: Whether standard error is one.
        from_flag: Whether `when` was typed as a flag. A stored setting is only a preference: the
            environment's NO_COLOR and TERM=dumb go before it, and it never colours an answer in a pipe.
        plain: `--plain`, which forgoes colour as TERM=dumb does.
    """
    if from_flag and when == "always":
        return Colors(answer=True, stderr=True)
    if when == "never" or env.get("NO_COLOR") or is_dumb(env) or plain:
        return Colors()
    forced = when == "always" or _forced(env)
    return Colors(answer=out_tty, stderr=err_tty or forced)


def is_dumb(env: Mapping[str, str]) -> bool:
    """Whether the terminal calls itself dumb: no escape byte may reach it."""
    return env.get("TERM") == "dumb"


def _forced(env: Mapping[str, str]) -> bool:
    """Whether the environment asks for colour off a terminal; `0` and `false` are refusals, not requests."""
    return any(
        env.get(name, "").lower() not in {"", "0", "false", "no"}
        for name in ("FORCE_COLOR", "CLICOLOR_FORCE")
    )
