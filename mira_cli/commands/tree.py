"""The commands, a row each: what Typer, the quick reader, the completions and the man page are made from."""

from __future__ import annotations

from mira_cli.commands.command import Command, Words
from mira_cli.commands.flags import (
    DISPLAY,
    FILE,
    HOW_TO_ANSWER,
    JSON_REPLY,
    NETWORK,
    NO_REASK,
    QUIET,
    RAW,
    SCHEMA,
    VERBOSE,
    Flag,
    of_setting,
)

_QUESTION = Words("question", "QUESTION", "Words of the question; - is standard input.", many=True)
_KEY = Words("name", "KEY", "Name of a setting.", required=True)
_JSON = Flag("json", ("--json",), "switch", "Print one JSON object.")
SHELLS = ("bash", "zsh", "fish", "powershell")

ASK = Command(
    ("ask",),
    "Ask one question and print the answer.",
    ('mira ask "What is machine learning?"', 'git diff | mira ask "Review this change"'),
    (_QUESTION,),
    (
        *HOW_TO_ANSWER[:2],
        FILE,
        *HOW_TO_ANSWER[2:],
        of_setting("context"),
        Flag(
            "conversation",
            ("-c", "--conversation"),
            "value",
            "Continue the conversation in FILE.",
            "FILE",
            "path",
        ),
        Flag("edit", ("-e", "--edit"), "switch", "Write the question in $EDITOR."),
        Flag("code", ("-x", "--code"), "switch", "Print only the first code block."),
        Flag("lang", ("--lang",), "value", "Print only code blocks of this language.", "LANG"),
        Flag("code_all", ("--code-all",), "switch", "Print all code blocks."),
        RAW,
        Flag("json", ("--json",), "switch", "Print one JSON object: text, model, usage …"),
        Flag("events", ("--events",), "switch", "Print one JSON object a line as things happen."),
        JSON_REPLY,
        SCHEMA,
        NO_REASK,
        of_setting("usage"),
        Flag("dry_run", ("-n", "--dry-run"), "switch", "Print the request, without the key, and stop."),
        Flag("no_stdin", ("--no-stdin",), "switch", "Do not read standard input."),
        *DISPLAY,
        *NETWORK,
        QUIET,
        VERBOSE,
    ),
)
CHAT = Command(
    ("chat",),
    "Talk with Mira; the chat stays in memory.",
    ("mira chat", "mira chat --load talk.json --save talk.json"),
    (Words("question", "QUESTION", "A question to begin with.", many=True),),
    (
        *HOW_TO_ANSWER[:2],
        FILE,
        *HOW_TO_ANSWER[2:],
        of_setting("context"),
        Flag("load", ("-l", "--load"), "value", "Begin with the conversation in FILE.", "FILE", "path"),
        Flag("save", ("--save",), "value", "Write the conversation to FILE after each turn.", "FILE", "path"),
        RAW,
        of_setting("usage"),
        *DISPLAY,
        *NETWORK,
        QUIET,
        VERBOSE,
    ),
)
BATCH = Command(
    ("batch",),
    "Ask every question of a JSONL file; resumable.",
    ("mira batch questions.jsonl -o answers.jsonl", "mira batch --lines words.txt > answers.jsonl"),
    (Words("input", "FILE", "Questions, JSON a line; - is standard input.", required=True, paths=True),),
    (
        Flag(
            "output",
            ("-o", "--output"),
            "value",
            "Append answers to FILE; done rows are skipped.",
            "FILE",
            "path",
        ),
        Flag("lines", ("--lines",), "switch", "Each line is a question as it stands."),
        Flag("as_completed", ("--as-completed",), "switch", "Write answers as they come."),
        Flag("jobs", ("-j", "--jobs"), "value", "Requests at a time, 1 to 3 (default 2).", "N"),
        Flag(
            "per_minute",
            ("--per-minute",),
            "value",
            "Requests a minute at most (default 60, 0: no limit).",
            "N",
        ),
        Flag("limit", ("--limit",), "value", "Ask at most N rows in this run.", "N"),
        Flag("retry_failed", ("--retry-failed",), "switch", "Ask failed rows again."),
        *HOW_TO_ANSWER,
        JSON_REPLY,
        SCHEMA,
        NO_REASK,
        of_setting("plain"),
        of_setting("color"),
        *NETWORK,
        QUIET,
        VERBOSE,
    ),
    details=("With -o the same command goes on where it stopped.",),
)
MODELS = Command(
    ("models",),
    "The models, with context window and longest answer.",
    ("mira models", "mira models --json"),
    flags=(_JSON, of_setting("color"), *NETWORK, QUIET, VERBOSE),
)
SIMULATE = Command(
    ("simulate",),
    "A stand-in for the API on this machine.",
    ('mira simulate -- mira ask "What is machine learning?"', "mira simulate --fail 429:2 -- ./script.sh"),
    (Words("command", "CMD", "Command to run against it; none: serve.", many=True),),
    (
        Flag("port", ("--port",), "value", "Port to listen on (default: any free one).", "N"),
        Flag("fail", ("--fail",), "values", "Let the next chat requests fail (repeatable).", "NAME[:COUNT]"),
        Flag("delay", ("--delay",), "value", "Wait before the first token.", "SECONDS"),
        Flag("rate", ("--rate",), "value", "Tokens a second.", "TOKENS"),
        Flag("window", ("--window",), "value", "Refuse longer prompts.", "TOKENS"),
        Flag("faults", ("--faults",), "switch", "List what --fail may name, and stop."),
        Flag("log", ("--log",), "value", "Write each request to FILE, JSON a line.", "FILE", "path"),
        Flag("script", ("--script",), "value", "Replies and faults in order, TOML or JSON.", "FILE", "path"),
        Flag("record", ("--record",), "value", "Record the traffic with --upstream.", "FILE", "path"),
        Flag("upstream", ("--upstream",), "value", "The API to record from.", "URL"),
        Flag("replay", ("--replay",), "value", "Answer from a recording.", "FILE", "path"),
    ),
    details=("To try mira without a key, and to test scripts.",),
    passes_on=True,
)
COMPLETION = Command(
    ("completion",),
    "Print the completion script of a shell.",
    ("mira completion bash", "mira completion fish | source"),
    (Words("shell", "SHELL", "bash, zsh, fish or powershell.", required=True, choices=SHELLS),),
)
HELP = Command(
    ("help",),
    "Show the help of a command.",
    ("mira help ask", "mira help config set"),
    (Words("command", "COMMAND", "Which command.", many=True),),
)

CONFIG = (
    Command(
        ("config", "list"),
        "Show every setting, its value and who set it.",
        ("mira config list", "mira config list --json"),
        flags=(_JSON,),
    ),
    Command(
        ("config", "get"),
        "Print the value in force. Code 1 when nothing sets it.",
        ("mira config get model", "mira config get key --reveal"),
        (_KEY,),
        (Flag("reveal", ("--reveal",), "switch", "Show the API key whole."),),
    ),
    Command(
        ("config", "set"),
        "Set a value in config.toml, or the API key.",
        ("mira config set model mira-pro", "pass show mira | mira config set key"),
        (_KEY, Words("value", "VALUE", "What to set it to; else read from a pipe.")),
        details=("The key is asked for, hidden, or read from a pipe.",),
        dashed=True,
    ),
    Command(
        ("config", "unset"),
        "Take a setting back to its default; forget the API key.",
        ("mira config unset model", "mira config unset key"),
        (_KEY,),
    ),
    Command(
        ("config", "edit"),
        "Open config.toml in $VISUAL or $EDITOR, then check it.",
        ("mira config edit", "EDITOR=nano mira config edit"),
    ),
    Command(
        ("config", "path"),
        "Print where config.toml is.",
        ("mira config path", "mira config path --key"),
        flags=(Flag("key", ("--key",), "switch", "The key file instead."),),
    ),
    Command(
        ("config", "check"),
        "Check settings, key and the way to the API, free of charge.",
        ("mira config check", "mira config check --json"),
        flags=(_JSON, of_setting("base_url"), of_setting("timeout")),
        details=("Code 0, or that of the first line that failed.",),
    ),
)
GROUPS = {"config": "Show and change the settings."}

COMMANDS: tuple[Command, ...] = (ASK, CHAT, *CONFIG, MODELS, BATCH, SIMULATE, COMPLETION, HELP)
BY_PATH = {command.path: command for command in COMMANDS}

EXIT_CODES = (
    (0, "a complete reply, all of it written"),
    (1, "anything else"),
    (2, "usage or configuration"),
    (3, "network, or no answer in time"),
    (4, "key missing, malformed or refused"),
    (5, "request refused, or too long"),
    (6, "rate limit, quota or balance"),
    (7, "server error"),
    (8, "incomplete reply, or rows that failed"),
    (9, "not what was asked for: no code, no JSON"),
    (129, "ended by HUP: the terminal was closed"),
    (130, "ended by Ctrl-C"),
    (131, "ended by QUIT: Ctrl-\\"),
    (141, "the reader of our output left"),
    (143, "ended by TERM"),
)
