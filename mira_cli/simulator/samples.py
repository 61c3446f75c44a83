"""The longer built-in replies: Markdown with everything in it, and code in several languages."""

from __future__ import annotations

MARKDOWN = """\
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

CODE = {
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
