"""The built-in replies: always the same, marked as simulated, split into token-like pieces."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from mira_cli.simulator.schema_instance import instance

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MARK = "(simulated reply)"
_QUOTED = 60  # characters of the question that a plain reply repeats
_SEARCHED = 400  # characters at the end of the question that select the reply
_MAX_WORDS = 200_000
_THINKING = "mira-thinking"
_THOUGHT = "(simulated thought) What was the question again?"

_PIECE = re.compile(r"[ ]?\w{1,7}|\s+|[^\w\s]")
_SHOW = re.compile(r"show (me )?markdown|what is machine learning|что такое машинное обучение", re.IGNORECASE)
_CODE = re.compile(
    r"\b(write|show|give|print|implement|generate)\b.*\b(code|function|script|program|one-liner|class|snippet)\b"
    r"|\bcode block\b|\bнапиши\b.*\b(код|функци|скрипт|программ)",
    re.IGNORECASE | re.DOTALL,
)
_WORDS = re.compile(r"\b(\d{1,6}) (?:words|слов)\b", re.IGNORECASE)


def pieces_of(text: str) -> tuple[str, ...]:
    """The text split into token-like pieces: a word, or part of one, with its space."""
    return tuple(_PIECE.findall(text))


def thoughts_of(model: object) -> tuple[str, ...]:
    """The reasoning of a model, in pieces; most models have none."""
    return pieces_of(_THOUGHT) if model == _THINKING else ()


def count_tokens(text: str) -> int:
    """A rough token count: 4 ASCII characters or 2 others are a token."""
    narrow = len(text.encode("ascii", "ignore"))
    return -(-narrow // 4) + -(-(len(text) - narrow) // 2)


def prompt_tokens(messages: Iterable[Mapping[str, Any]]) -> int:
    """Tokens that messages take of the window, with 4 extra for each message."""
    return 3 + sum(4 + count_tokens(str(message.get("content", ""))) for message in messages)


def reply_to(question: str, response_format: object = None) -> str:
    """The reply to a question: JSON if requested, sample Markdown, code, or an echo."""
    flat = " ".join(question.split())
    beginning = flat if len(flat) <= _QUOTED else flat[: _QUOTED - 1] + "…"
    if isinstance(response_format, dict) and response_format.get("type") in ("json_object", "json_schema"):
        wrapped = response_format.get("json_schema")
        schema = wrapped.get("schema", wrapped) if isinstance(wrapped, dict) else None
        value = {"simulated": True, "question": beginning} if schema is None else instance(schema)
        return json.dumps(value, ensure_ascii=False)
    end = question[-_SEARCHED:]  # files and piped text come first; the question itself is at the end
    if _SHOW.search(end):
        return _MARKDOWN
    if _CODE.search(end):
        named = re.search(rf"\b({'|'.join(sorted(_CODES, key=len, reverse=True))})\b", end.lower())
        language = named[1] if named else "python"
        fenced = f"```{language}\n{_CODES[language]}```"
        return f"{MARK} Here is code in {language}:\n\n{fenced}\n\nIt is a sample, not advice.\n"
    if wanted := _WORDS.search(end):
        words = (f"word{number}" for number in range(1, min(int(wanted[1]), _MAX_WORDS) + 1))
        return f"{MARK} {' '.join(words)}."
    return (
        f"{MARK} You asked: “{beginning}”. No model was asked; "
        "this local mock API gives the same reply each time."
    )


_MARKDOWN = """\
# Machine learning

*(simulated reply)* **Machine learning** lets a program find rules in examples instead of
being given them. This text shows what Markdown looks like here; no model wrote it.

## Three ways to learn

1. **Supervised**: examples come with answers.
2. **Unsupervised**: there are only examples.
3. **Reinforcement**: there are rewards.

- A *model* is a function with many knobs.
- *Training* turns the knobs:
  - forwards, to see the error;
  - backwards, to make it smaller.

| Kind          | Needs answers | Typical use      |
|:--------------|:-------------:|-----------------:|
| supervised    | yes           | spam filter      |
| unsupervised  | no            | grouping buyers  |
| reinforcement | rewards       | playing a game   |

A line through some points, in `python`:

```python
def fit(xs: list[float], ys: list[float]) -> tuple[float, float]:
    \"\"\"Slope and intercept of the least-squares line.\"\"\"
    mx, my = sum(xs) / len(xs), sum(ys) / len(ys)
    products = sum((x - mx) * (y - my) for x, y in zip(xs, ys))
    slope = products / sum((x - mx) ** 2 for x in xs)
    return slope, my - slope * mx
```

> All models are wrong, but some are useful.

Read on: [the article](https://en.wikipedia.org/wiki/Machine_learning).

---

~~No examples, no learning~~: see `mira help simulate`.
"""

_SHELL = 'for name in one two three; do\n  echo "hello, $name"\ndone\n'
_JAVASCRIPT = 'const greet = (name) => `hello, ${name}`;\nconsole.log(greet("world"));\n'

_CODES = {
    "python": 'def greet(name: str) -> str:\n    return f"hello, {name}"\n\n\nprint(greet("world"))\n',
    "bash": _SHELL,
    "sh": _SHELL,
    "shell": _SHELL,
    "javascript": _JAVASCRIPT,
    "js": _JAVASCRIPT,
    "rust": 'fn main() {\n    println!("hello, world");\n}\n',
    "go": 'package main\n\nimport "fmt"\n\nfunc main() {\n\tfmt.Println("hello, world")\n}\n',
    "sql": "SELECT name, count(*) AS visits\nFROM guests\nGROUP BY name;\n",
    "json": '{"hello": "world"}\n',
    "html": "<!doctype html>\n<title>hello</title>\n<p>hello, world</p>\n",
}
