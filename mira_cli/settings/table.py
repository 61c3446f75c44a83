"""The settings, one row each: the source of flags, variables, config keys, `/set`, completions and docs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mira_cli.errors import UsageError
from mira_cli.settings import base_url, parse

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    Attributes:
        name: Its name in config.toml, in `mira config` and for `/set`.
        parse: Parses a string or a TOML value; raises BadValueError.
        default: None, "" and () mean not set.
        help: One line for people.
        flags: The long one last; `--no-…` turns a switch off.
        metavar: The placeholder for the value in help, "" for a switch.
        flag_help: The help of the flag, if it differs.
        choices: Values to complete.
        in_chat: Whether `/set` can change it.
        example: A value for the initial config.toml, in place of the default.
    """

    name: str
    parse: Callable[[object], Any]
    default: object
    help: str
    flags: tuple[str, ...] = ()
    metavar: str = ""
    flag_help: str = ""
    choices: tuple[str, ...] = ()
    in_chat: bool = True
    example: object = None

    @property
    def env(self) -> str:
        """The environment variable that sets it."""
        return "MIRA_API_KEY" if self.name == "key" else f"MIRA_{self.name.upper()}"

    @property
    def is_switch(self) -> bool:
        """Whether it is a boolean."""
        return isinstance(self.default, bool)


KEY = Setting("key", parse.text, None, "The API key; kept in its own file.", metavar="KEY", in_chat=False)

# fmt: off
SETTINGS: tuple[Setting, ...] = (
    KEY,
    Setting(
        "model", parse.word, "mira", "Model to use.", ("-m", "--model"), "NAME",
        choices=("mira", "mira-thinking", "mira-pro", "mira-max"),
    ),
    Setting(
        "system", parse.text, "", "System prompt (@FILE reads a file; double a literal @).",
        ("-s", "--system"), "TEXT",
    ),
    Setting(
        "prompt", parse.text, "", "Use the saved prompt NAME as system prompt.", ("-p", "--prompt"), "NAME",
    ),
    Setting(
        "temperature", parse.number(0, 2), None, "Sampling temperature, 0 to 2.",
        ("-t", "--temperature"), "N", example=0.7,
    ),
    Setting("top_p", parse.number(0, 1), None, "Nucleus sampling, 0 to 1.", ("--top-p",), "N", example=1),
    Setting(
        "max_tokens", parse.whole(1), None, "Maximum reply length, in tokens.", ("--max-tokens",), "N",
        example=1024,
    ),
    Setting("stop", parse.texts, (), "Stop sequence (repeatable).", ("--stop",), "TEXT", example=["END"]),
    Setting(
        "context", parse.whole(1), None, "Context limit in tokens; oldest turns are dropped first.",
        ("--context",), "N", example=16000,
    ),
    Setting(
        "stream", parse.switch, True, "Show the answer as it arrives.", ("--no-stream",),
        flag_help="Show the whole reply at once.",
    ),
    Setting(
        "reasoning", parse.switch, False, "Show the model's reasoning, dim, on stderr, before the answer.",
        ("--reasoning",),
    ),
    Setting("fold_system", parse.switch, False, "Send the system prompt inside the first question."),
    Setting(
        "usage", parse.when, "auto", "Show token usage on stderr: auto, always or never.",
        ("-u", "--usage"), flag_help="Print token usage on stderr, also when piped.", choices=parse.WHEN,
    ),
    Setting("history", parse.switch, True, "Keep the history of the chat's input line.", in_chat=False),
    Setting("vi", parse.switch, False, "Use vi keys in the chat's input line."),
    Setting(
        "plain", parse.switch, False, "No animation or redrawing (screen readers).", ("--plain",),
        in_chat=False,
    ),
    Setting(
        "color", parse.when, "auto", "When to use colour: auto, always or never.",
        ("--color",), "WHEN", choices=parse.WHEN, in_chat=False,
    ),
    Setting(
        "theme", parse.theme, "auto", "Colours: auto, light, dark, ansi or a Pygments style.",
        ("--theme",), "NAME", choices=parse.THEMES,
    ),
    Setting(
        "sanitize", parse.when, "auto",
        "Neutralise control characters: auto (on a terminal), always or never.",
        ("--sanitize",), "WHEN", choices=parse.WHEN,
    ),
    Setting(
        "timeout", parse.seconds, 120.0, "Give up after this long without data, in seconds.",
        ("--timeout",), "SECONDS",
    ),
    Setting(
        "connect_timeout", parse.seconds, 10.0, "Give up connecting after this long, in seconds.",
        metavar="SECONDS",
    ),
    Setting(
        "max_time", parse.seconds, None, "Time limit for a whole request, in seconds.",
        ("--max-time",), "SECONDS", example=600,
    ),
    Setting(
        "retries", parse.whole(0, 100), 2, "How many times to retry, 0 to 100 (a refused connection: once).",
        ("--retries",), "N",
    ),
    Setting(
        "base_url", base_url.normalise, base_url.DEFAULT, "API base URL.", ("--base-url",), "URL",
        in_chat=False,
    ),
    Setting(
        "key_command", parse.command, "", "A command that prints the key; runs without a shell.",
        metavar="COMMAND", in_chat=False, example="pass show mira",
    ),
)
# fmt: on

BY_NAME: dict[str, Setting] = {setting.name: setting for setting in SETTINGS}


def find(name: str) -> Setting:
    """The setting of that name; `top-p` is `top_p`.

    Raises:
        UsageError: There is none; the message suggests the nearest.
    """
    setting = BY_NAME.get(name.replace("-", "_"))
    if setting is not None:
        return setting
    near = parse.nearest(name.replace("-", "_"), tuple(BY_NAME))
    if near:
        raise UsageError(f"No setting '{name}'. Did you mean '{near}'?")
    raise UsageError(f"No setting '{name}'.", hint="List them with: mira config list")
