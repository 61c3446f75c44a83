"""The code in a reply."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from mira_cli.errors import MismatchError
from mira_cli.session.reply_parts.code_blocks import code_blocks, find_code, same_language

REPLY = """Two ways.

```python
print(1)
```

1. In a list:

   ~~~~ {.sh .numberLines}
   ~~~
     echo 2
   ~~~~

   > ```C++ title="a"
   > int x;
   > ```

        indented();

``` py
print(3)"""


def test_the_first_block_is_found():
    assert find_code(REPLY) == "print(1)\n"


def test_all_blocks_with_an_empty_line_between():
    assert find_code(REPLY, every=True) == "print(1)\n\n~~~\n  echo 2\n\nint x;\n\nprint(3)\n"


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("py", "print(1)\n\nprint(3)\n"),
        ("Python3", "print(1)\n\nprint(3)\n"),
        ("bash", "~~~\n  echo 2\n"),
        ("cpp", "int x;\n"),
        ("c++", "int x;\n"),
        (".py", "print(1)\n\nprint(3)\n"),
    ],
)
def test_blocks_of_a_language(language, code):
    assert find_code(REPLY, language, every=True) == code


@pytest.mark.parametrize("language", ["c", "pyt", "go", "no such language", "{}"])
def test_no_block_of_a_language(language):
    with pytest.raises(MismatchError) as caught:
        find_code(REPLY, language)
    assert language in caught.value.message
    assert caught.value.exit_code == 9
    assert caught.value.partial == REPLY


@pytest.mark.parametrize(
    "reply", ["", "No code.", "    indented\n", "`inline`", "``` a`b\n", "<div>\n```\nx\n```\n</div>"]
)
def test_a_reply_without_a_code_block_is_a_mismatch(reply):
    with pytest.raises(MismatchError, match="no code block"):
        find_code(reply)


@pytest.mark.parametrize(
    ("reply", "language", "body"),
    [
        ("```\n```", "", ""),
        ("```", "", ""),
        ("```\n\n```", "", "\n"),
        ("```\na\n\n\n```", "", "a\n\n\n"),
        ("```sh\necho", "sh", "echo\n"),
        ("```a\r\nb\r\nc\r\n```\r\n", "a", "b\r\nc\r\n"),
        ("```a\rb\rc\n```", "a", "b\rc\n"),
        ("```\nnul \0 ffd \ufffd\n```", "", "nul \0 ffd \ufffd\n"),
        ("```\n\ttab\n```", "", "\ttab\n"),
        ("- ```\n\ttab\n  ```", "", "  tab\n"),
        ("  ```\n  a\n b\n   c\n  ```", "", "a\nb\n c\n"),
        ("```\nline\u2028sep\x0bvt\x0c\u0085nel\n```", "", "line\u2028sep\x0bvt\x0c\u0085nel\n"),
        ("~~~ c\\+\\+&amp;\nx\n~~~", "c++&", "x\n"),
        ("```{r, echo=FALSE}\nx\n```", "r", "x\n"),
        ("```{ .python .annotate }\nx\n```", "python", "x\n"),
        ("```js{1,3}\nx\n```", "js", "x\n"),
        ("```rust,ignore\nx\n```", "rust", "x\n"),
        ("- " * 12 + "```\n" + " " * 24 + "deep\n", "", "deep\n"),
        ("> ```\n> a\n\nb", "", "a\n"),
    ],
)
def test_the_body_is_exactly_that_of_the_reply(reply, language, body):
    (block,) = code_blocks(reply)
    assert (block.language, block.body) == (language, body)
    assert find_code(reply) == body


def test_names_of_one_lexer_are_one_language():
    assert {"python", "py", "python3"} <= same_language("PY")
    assert same_language("Klingon") == {"klingon"}


@given(st.text("`~ab \t\n\r\0->1.{}", max_size=60))
@settings(max_examples=500, deadline=None)
def test_bodies_are_those_of_the_parser(reply):
    tokens = [token for token in MarkdownIt("commonmark").parse(reply) if token.type == "fence"]
    blocks = code_blocks(reply)
    assert len(blocks) == len(tokens)
    for block, token in zip(blocks, tokens, strict=True):
        shown = block.body.replace("\0", "\ufffd").replace("\r\n", "\n").replace("\r", "\n")
        content = token.content
        assert shown == (content if not content or content.endswith("\n") else content + "\n")
