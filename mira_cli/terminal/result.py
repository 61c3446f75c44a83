"""A complete reply with its metadata, as text for people and as JSON for programs."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Final

from mira_cli.masking import redact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.conversation.reply import Usage


ABSENT: Final = object()  # not None, which is a value of JSON

_LONG = 100.0  # seconds from which tenths are left out

# An escape of JSON; a surrogate without its other half is the group.
_ESCAPE = r"\\(?:ud[89ab]..\\ud[c-f]..|u(d[89a-f]..)|.)"


@dataclass(frozen=True, slots=True)
class Result:
    """A complete reply with its metadata, as printed by `--json`, `--events` and `batch`.

    Attributes:
        finish_reason: As the server sent it, or "".
        usage: As reported, or our estimate.
        id: The server's id of the completion, or "".
        truncated: Whether max_tokens cut the reply.
        trimmed: Messages of the conversation that were left out of the request.
        elapsed: Seconds from sending to the end.
        reasoning: "" if there was none.
        data: The JSON value in the reply; ABSENT unless one was asked for.
    """

    text: str
    model: str
    finish_reason: str
    usage: Usage
    id: str = ""
    truncated: bool = False
    trimmed: int = 0
    elapsed: float = 0.0
    reasoning: str = ""
    data: object = ABSENT

    def as_json(self) -> dict[str, object]:
        """The object that `--json` prints, without nulls, keys always in this order. API keys are masked."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        values |= {name: redact(values[name]) for name in ("model", "finish_reason", "id")}
        values |= {"usage": asdict(self.usage), "elapsed": round(float(self.elapsed), 3)}
        if not self.reasoning:
            del values["reasoning"]
        if self.data is ABSENT:
            del values["data"]
        return values


def as_line(values: Mapping[str, object]) -> str:
    """One JSON object as one line of ASCII with its newline: safe in any terminal, locale and parser."""
    line = json.dumps(values, separators=(",", ":")) + "\n"
    if "\\ud" in line:  # a lone surrogate, such as from a file name that is not UTF-8; many parsers reject it
        line = re.sub(_ESCAPE, lambda found: r"\ufffd" if found[1] else found[0], line)
    return line


def usage_line(usage: Usage, elapsed: float, between: str = " · ") -> str:
    """The usage line, `1,204 in · 312 out · 2.4 s`, with `~` before estimates."""
    about = "~" if usage.estimated else ""
    seconds = f"{elapsed:,.0f}" if elapsed >= _LONG else f"{elapsed:.1f}"
    parts = (f"{about}{usage.prompt_tokens:,} in", f"{about}{usage.completion_tokens:,} out", f"{seconds} s")
    return between.join(parts)
