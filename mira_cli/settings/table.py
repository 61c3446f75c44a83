"""The settings, one row each: the source of flags, variables, config keys, `/set`, completions and docs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mira_cli.errors import UsageError
from mira_cli.settings import base_url, parse
from mira_cli.settings.parse import Parser, nearest

_WHEN = ("auto", "always", "never")
_THEMES = ("auto", "light", "dark", "ansi")


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    Attributes:
        name: Its name in config.toml, in `mira config` and for `/set`.
        parse: Reads its values.
        default: The value when nobody sets it; None, "" and () mean that it is not set.
        help: One line for people.
        flags: The flags that set it, the long one last; a flag `--no-…` turns a switch off.
        metavar: The placeholder for its value in help, "" for a switch.
        choices: Words worth completing.
        in_chat: Whether `/set` may change it.
    """

    name: str
    parse: Parser[Any]
    default: object
    help: str
    flags: tuple[str, ...] = ()
    metavar: str = ""
    choices: tuple[str, ...] = ()
    in_chat: bool = True

    @property
    def env(self) -> str:
        """The environment variable that sets it."""
        return "MIRA_API_KEY" if self.name == "key" else f"MIRA_{self.name.upper()}"

    @property
    def is_switch(self) -> bool:
        """Whether it is true or false."""
        return isinstance(self.default, bool)

    @property
    def is_list(self) -> bool:
        """Whether it holds several texts, so that its flag may be repeated."""
        return isinstance(self.default, tuple)


KEY = Setting("key", parse.text, None, "The API key; kept in its own file.", metavar="KEY", in_chat=False)

# fmt: off
SETTINGS: tuple[Setting, ...] = (
    KEY,
    Setting(
        "model", parse.word, "mira", "Model to use.",
        flags=("-m", "--model"), metavar="NAME", choices=("mira", "mira-thinking", "mira-pro", "mira-max"),
    ),
    Setting(
        "system", parse.text, "", "System prompt (@FILE reads a file; double a literal @).",
        flags=("-s", "--system"), metavar="TEXT",
    ),
    Setting(
        "prompt", parse.text, "", "Use the saved prompt NAME as system prompt.",
        flags=("-p", "--prompt"), metavar="NAME",
    ),
    Setting(
        "temperature", parse.number(0, 2), None, "Sampling temperature, 0 to 2.",
        flags=("-t", "--temperature"), metavar="N",
    ),
    Setting(
        "top_p", parse.number(0, 1), None, "Nucleus sampling, 0 to 1.",
        flags=("--top-p",), metavar="N",
    ),
    Setting(
        "max_tokens", parse.whole(1), None, "Maximum reply length, in tokens.",
        flags=("--max-tokens",), metavar="N",
    ),
    Setting(
        "stop", parse.texts, (), "Stop sequence (repeatable).",
        flags=("--stop",), metavar="TEXT",
    ),
    Setting(
        "context", parse.whole(1), None, "Context limit in tokens; oldest turns are dropped first.",
        flags=("--context",), metavar="N",
    ),
    Setting("stream", parse.switch, True, "Show the answer as it arrives.", flags=("--no-stream",)),
    Setting(
        "reasoning", parse.switch, False, "Show the model's reasoning, dim, on stderr, before the answer.",
        flags=("--reasoning",),
    ),
    Setting("fold_system", parse.switch, False, "Send the system prompt inside the first question."),
    Setting(
        "usage", parse.choice(*_WHEN), "auto", "Show token usage on stderr.",
        flags=("-u", "--usage"), choices=_WHEN,
    ),
    Setting("history", parse.switch, True, "Keep the history of the chat's input line.", in_chat=False),
    Setting("vi", parse.switch, False, "Use vi keys in the chat's input line."),
    Setting(
        "plain", parse.switch, False, "No animation or redrawing (screen readers).",
        flags=("--plain",), in_chat=False,
    ),
    Setting(
        "color", parse.choice(*_WHEN), "auto", "When to use colour: auto, always or never.",
        flags=("--color",), metavar="WHEN", choices=_WHEN, in_chat=False,
    ),
    Setting(
        "theme", parse.theme(*_THEMES), "auto", "Colours: auto, light, dark, ansi or a Pygments style.",
        flags=("--theme",), metavar="NAME", choices=_THEMES,
    ),
    Setting(
        "sanitize", parse.choice(*_WHEN), "auto",
        "Neutralise control characters: auto (on a terminal), always or never.",
        flags=("--sanitize",), metavar="WHEN", choices=_WHEN,
    ),
    Setting(
        "timeout", parse.seconds, 120.0, "Give up after this long without data, in seconds.",
        flags=("--timeout",), metavar="SECONDS",
    ),
    Setting(
        "connect_timeout", parse.seconds, 10.0, "Give up connecting after this long, in seconds.",
        metavar="SECONDS",
    ),
    Setting(
        "max_time", parse.seconds, None, "Time limit for a whole request, in seconds.",
        flags=("--max-time",), metavar="SECONDS",
    ),
    Setting(
        "retries", parse.whole(0, 100), 2, "How many times to retry (a refused connection: once).",
        flags=("--retries",), metavar="N",
    ),
    Setting(
        "base_url", parse.url, base_url.DEFAULT, "API base URL.",
        flags=("--base-url",), metavar="URL", in_chat=False,
    ),
    Setting(
        "key_command", parse.command, "", "A command that prints the key; runs without a shell.",
        metavar="COMMAND", in_chat=False,
    ),
)
# fmt: on

BY_NAME: dict[str, Setting] = {setting.name: setting for setting in SETTINGS}


def find(name: str) -> Setting:
    """The setting of that name; `top-p` is `top_p`.

    Raises:
        UsageError: There is none; names the nearest.
    """
    setting = BY_NAME.get(name.replace("-", "_"))
    if setting is None:
        near = nearest(name.replace("-", "_"), tuple(BY_NAME))
        raise UsageError(
            f"No setting '{name}'." + (f" Did you mean '{near}'?" if near else ""),
            hint="" if near else "List them with: mira config list",
        )
    return setting
