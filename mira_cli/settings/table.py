"""The settings, one row each: the source of flags, variables, config keys, `/set`, completions and docs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from mira_cli.errors import UsageError
from mira_cli.settings import parse

if TYPE_CHECKING:
    from collections.abc import Callable


class Setting(NamedTuple):
    """One setting."""

    name: str  # in config.toml, in `mira config` and for `/set`
    option: str  # its flags and the placeholder for its value, as in help; `--no-…` turns a switch off
    parse: Callable[[object], Any]  # a string or a TOML value; raises BadValueError
    default: object  # None, "" and () mean not set
    help: str  # one line
    flag_help: str = ""  # the help of the flag, if it differs
    choices: tuple[str, ...] = ()  # values to complete
    in_chat: bool = True  # whether `/set` can change it
    example: object = None  # for the initial config.toml, in place of the default

    @property
    def env(self) -> str:
        """The environment variable that sets it."""
        return "MIRA_API_KEY" if self.name == "key" else f"MIRA_{self.name.upper()}"

    @property
    def flags(self) -> tuple[str, ...]:
        """The flags that set it, the long one last."""
        return tuple(word for word in self.option.split() if word.startswith("-"))

    @property
    def metavar(self) -> str:
        """The placeholder for its value, "" for a switch."""
        return self.option.split()[-1] if self.option[-1:].isupper() else ""

    @property
    def is_switch(self) -> bool:
        """Whether it is a boolean."""
        return isinstance(self.default, bool)


KEY = Setting("key", "KEY", parse.text, None, "The API key; kept in its own file.", in_chat=False)

# fmt: off
SETTINGS: tuple[Setting, ...] = (
    KEY,
    Setting("model", "-m --model NAME", parse.word, "mira",
            "Model to use.", choices=("mira", "mira-thinking", "mira-pro", "mira-max")),
    Setting("system", "-s --system TEXT", parse.text, "",
            "System prompt (@FILE reads a file; double a literal @)."),
    Setting("prompt", "-p --prompt NAME", parse.text, "", "Use the saved prompt NAME as system prompt."),
    Setting("temperature", "-t --temperature N", parse.number(0, 2), None,
            "Sampling temperature, 0 to 2.", example=0.7),
    Setting("top_p", "--top-p N", parse.number(0, 1), None, "Nucleus sampling, 0 to 1.", example=1),
    Setting("max_tokens", "--max-tokens N", parse.whole(1), None,
            "Maximum reply length, in tokens.", example=1024),
    Setting("stop", "--stop TEXT", parse.texts, (), "Stop sequence (repeatable).", example=["END"]),
    Setting("context", "--context N", parse.whole(1), None,
            "Context limit in tokens; oldest turns are dropped first.", example=16000),
    Setting("stream", "--no-stream", parse.switch, True,
            "Show the answer as it arrives.", flag_help="Show the whole reply at once."),
    Setting("reasoning", "--reasoning", parse.switch, False,
            "Show the model's reasoning, dim, on stderr, before the answer."),
    Setting("fold_system", "", parse.switch, False, "Send the system prompt inside the first question."),
    Setting("usage", "-u --usage", parse.when, "auto",
            "Show token usage on stderr: auto, always or never.",
            flag_help="Print token usage on stderr, also when piped.", choices=parse.WHEN),
    Setting("history", "", parse.switch, True, "Keep the history of the chat's input line.", in_chat=False),
    Setting("vi", "", parse.switch, False, "Use vi keys in the chat's input line."),
    Setting("plain", "--plain", parse.switch, False,
            "No animation or redrawing (screen readers).", in_chat=False),
    Setting("color", "--color WHEN", parse.when, "auto",
            "When to use colour: auto, always or never.", choices=parse.WHEN, in_chat=False),
    Setting("theme", "--theme NAME", parse.theme, "auto",
            "Colours: auto, light, dark, ansi or a Pygments style.", choices=parse.THEMES),
    Setting("sanitize", "--sanitize WHEN", parse.when, "auto",
            "Neutralise control characters: auto (on a terminal), always or never.", choices=parse.WHEN),
    Setting("timeout", "--timeout SECONDS", parse.seconds, 120.0,
            "Give up after this long without data, in seconds."),
    Setting("connect_timeout", "SECONDS", parse.seconds, 10.0,
            "Give up connecting after this long, in seconds."),
    Setting("max_time", "--max-time SECONDS", parse.seconds, None,
            "Time limit for a whole request, in seconds.", example=600),
    Setting("retries", "--retries N", parse.whole(0, 100), 2,
            "How many times to retry, 0 to 100 (a refused connection: once)."),
    Setting("base_url", "--base-url URL", parse.base_url, parse.DEFAULT_BASE_URL,
            "API base URL.", in_chat=False),
    Setting("key_command", "COMMAND", parse.command, "",
            "A command that prints the key; runs without a shell.", in_chat=False, example="pass show mira"),
)
# fmt: on

BY_NAME: dict[str, Setting] = {setting.name: setting for setting in SETTINGS}


def find(name: str) -> Setting:
    """The setting of that name; `top-p` is `top_p`. Raises UsageError, with the nearest, if there is none."""
    known = name.replace("-", "_")
    if known in BY_NAME:
        return BY_NAME[known]
    if near := parse.nearest(known, tuple(BY_NAME)):
        raise UsageError(f"No setting '{name}'. Did you mean '{near}'?")
    raise UsageError(f"No setting '{name}'.", hint="List them with: mira config list")
