"""One line of what `mira config check` reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from mira_cli.errors import MiraError

Status: TypeAlias = "Literal['ok', 'warning', 'failed', 'skipped']"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report.

    Attributes:
        name: What was looked at.
        status: How it stands.
        message: What was found.
        code: The exit code of a failure, 0 for none.
    """

    name: str
    status: Status
    message: str
    code: int = 0


def failed(name: str, error: MiraError) -> Check:
    """The line for what an error stopped."""
    return Check(name, "failed", f"{error.message} {error.hint}".strip(), error.exit_code)
