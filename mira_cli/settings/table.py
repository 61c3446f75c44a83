"""The settings, a row each: the source of flags, variables, config keys, `/set`, completions and docs."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from mira_cli.errors import UsageError
from mira_cli.settings import base_url, coerce
from mira_cli.settings.nearest import nearest

Kind: TypeAlias = (
    "Literal['text', 'word', 'number', 'whole', 'seconds', 'switch', 'choice', 'theme', 'texts', 'url', "
    "'command', 'key']"
)
_WHEN = ("auto", "always", "never")


class Setting(NamedTuple):
    """One setting.

    Attributes:
        name: Its name in config.toml, in `mira config` and for `/set`.
        kind: What its values are, and so which coercer reads them.
        default: The value when nobody sets it; None, "" and () mean that it is not set.
        help: One line for people.
        flags: The flags that set it, the long one last; a flag `--no-…` turns a switch off.
        metavar: The word for its value in help, "" for a switch.
        low: Least number, for "number" and "whole".
        high: Greatest number, None for no bound.
        choices: The words allowed, for "choice"; for others, words worth completing.
        in_chat: Whether `/set` may change it.
    """

    name: str
    kind: Kind
    default: object
    help: str
    flags: tuple[str, ...] = ()
    metavar: str = ""
    low: int = 0
    high: int | None = None
    choices: tuple[str, ...] = ()
    in_chat: bool = True

    @property
    def env(self) -> str:
        """The environment variable that sets it."""
        return "MIRA_API_KEY" if self.name == "key" else f"MIRA_{self.name.upper()}"

    @property
    def range(self) -> str:
        """What its values may be, in a few words: "0 to 2", "1 or more", "true or false"; "" for any text."""
        if self.kind == "seconds":
            return "seconds, more than 0"
        if self.kind in {"number", "whole"}:
            return coerce.range_words(self.low, self.high)
        if self.kind == "choice":
            return coerce.choice_words(self.choices)
        return "true or false" if self.kind == "switch" else ""

    def read(self, value: object) -> object:  # noqa: C901, PLR0911 - one line a kind
        """The value as this setting holds it, from a string or a TOML value.

        Raises:
            BadValueError: The setting does not take this value.
        """
        match self.kind:
            case "number":
                return coerce.number(value, self.low, self.high)
            case "whole":
                return coerce.whole(value, self.low, self.high)
            case "seconds":
                return coerce.seconds(value)
            case "switch":
                return coerce.switch(value)
            case "choice":
                return coerce.choice(value, self.choices)
            case "theme":
                return coerce.theme(value, self.choices)
            case "texts":
                return coerce.texts(value)
            case "url":
                return coerce.url(value)
            case "word":
                return coerce.word(value)
            case "command":
                return coerce.command(value)
            case _:
                return coerce.text(value)


KEY = Setting("key", "key", None, "The API key; kept in a file of its own.", metavar="KEY", in_chat=False)

# A row is two lines here, not a line an argument.
# fmt: off
SETTINGS: tuple[Setting, ...] = (
    KEY,
    Setting(
        "model", "word", "mira", "Model to use.",
        flags=("-m", "--model"), metavar="NAME", choices=("mira", "mira-thinking", "mira-pro", "mira-max"),
    ),
    Setting(
        "system", "text", "", "System prompt (@FILE reads a file).",
        flags=("-s", "--system"), metavar="TEXT",
    ),
    Setting(
        "temperature", "number", None, "Sampling temperature, 0 to 2.",
        flags=("-t", "--temperature"), metavar="N", high=2,
    ),
    Setting(
        "top_p", "number", None, "Nucleus sampling, 0 to 1.",
        flags=("--top-p",), metavar="N", high=1,
    ),
    Setting(
        "max_tokens", "whole", None, "Longest answer, in tokens.",
        flags=("--max-tokens",), metavar="N", low=1,
    ),
    Setting(
        "stop", "texts", (), "Text at which the answer ends (repeatable).",
        flags=("--stop",), metavar="TEXT",
    ),
    Setting(
        "context", "whole", None, "Token budget of the conversation; oldest turns go first.",
        flags=("--context",), metavar="N", low=1,
    ),
    Setting("stream", "switch", True, "Show the answer as it comes.", flags=("--no-stream",)),
    Setting("fold_system", "switch", False, "Send the system prompt inside the first question."),
    Setting("usage", "choice", "auto", "Show token usage on stderr.", flags=("-u", "--usage"), choices=_WHEN),
    Setting("history", "switch", True, "Keep the line history of the chat's prompt.", in_chat=False),
    Setting("vi", "switch", False, "Edit the chat's input line as vi does."),
    Setting(
        "plain", "switch", False, "No animation or redrawing (screen readers).",
        flags=("--plain",), in_chat=False,
    ),
    Setting(
        "color", "choice", "auto", "When to use colour: auto, always or never.",
        flags=("--color",), metavar="WHEN", choices=_WHEN, in_chat=False,
    ),
    Setting(
        "theme", "theme", "auto", "Colours: auto, light, dark, ansi or a Pygments style.",
        flags=("--theme",), metavar="NAME", choices=("auto", "light", "dark", "ansi"),
    ),
    Setting(
        "sanitize", "choice", "auto", "Neutralise control characters: auto (on a terminal), always or never.",
        flags=("--sanitize",), metavar="WHEN", choices=_WHEN,
    ),
    Setting(
        "timeout", "seconds", 120.0, "Longest wait without data, in seconds.",
        flags=("--timeout",), metavar="SECONDS",
    ),
    Setting(
        "connect_timeout", "seconds", 10.0, "Longest wait for a connection, in seconds.",
        metavar="SECONDS",
    ),
    Setting(
        "max_time", "seconds", None, "Longest time for a whole request, in seconds.",
        flags=("--max-time",), metavar="SECONDS",
    ),
    Setting("retries", "whole", 2, "How often to try again.", flags=("--retries",), metavar="N", high=100),
    Setting(
        "base_url", "url", base_url.DEFAULT, "Where the API is.",
        flags=("--base-url",), metavar="URL", in_chat=False,
    ),
    Setting("key_command", "command", "", "A command that prints the key.", metavar="COMMAND", in_chat=False),
)
# fmt: on

BY_NAME: dict[str, Setting] = {setting.name: setting for setting in SETTINGS}


def find(name: str) -> Setting:
    """The setting of that name; `top-p` is `top_p`.

    Raises:
        UsageError: There is none; says the nearest name.
    """
    setting = BY_NAME.get(name.replace("-", "_"))
    if setting is None:
        near = nearest(name.replace("-", "_"), tuple(BY_NAME))
        raise UsageError(
            f"No setting '{name}'." + (f" Did you mean '{near}'?" if near else ""),
            hint="" if near else "See them all with: mira config list",
        )
    return setting
