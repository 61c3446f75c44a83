"""What the simulator says."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from mira_cli.simulator.replies import MARK, count_tokens, pieces_of, prompt_tokens, reply_to


def ask(question, response_format=None):
    return reply_to(question, response_format)


@settings(deadline=None)
@given(st.text())
def test_the_pieces_joined_are_the_text(text):
    assert "".join(pieces_of(text)) == text


def test_pieces_are_like_tokens():
    assert pieces_of("Hello there, internationalisation") == (
        "Hello",
        " there",
        ",",
        " interna",
        "tionali",
        "sation",
    )


def test_a_plain_reply_is_marked_and_repeats_the_beginning_of_the_question():
    reply = ask("Why is the sky blue?")
    assert reply.startswith(MARK)
    assert "Why is the sky blue?" in reply
    assert reply == ask("Why is the sky blue?")
    assert "\n" not in reply
    assert len(ask("x" * 30_000)) < 300


def test_markdown_is_shown_off():
    reply = ask("What is machine learning?")
    assert reply == ask("please show markdown")
    assert MARK in reply
    for sign in ("# ", "## ", "1. ", "- ", "| ", "```python\n", "> ", "](https://", "**", "~~"):
        assert sign in reply, sign


def test_code_comes_in_the_language_that_was_asked_for():
    assert "```python\n" in ask("Write a function that says hello")
    assert "```bash\n" in ask("write a bash script")
    assert "```python\n" in ask("напиши функцию на python")


def test_what_is_wanted_is_looked_for_at_the_end():
    assert "```" not in ask("write a function\n" + "x " * 500 + "what is this?")


def test_long_replies_have_as_many_words_as_asked_for():
    assert ask("Tell a story of 500 words").count("word") == 500


def test_json_is_sent_where_it_is_asked_for():
    value = json.loads(ask("Give me an object", {"type": "json_object"}))
    assert value["simulated"] is True
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    wrapped = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    assert json.loads(ask("Give me an object", wrapped)) == {"n": 0}
    for other in ({"type": "text"}, {"type": []}, []):
        assert ask("Give me text", other).startswith(MARK)


def test_tokens_are_counted_as_the_docs_say():
    assert count_tokens("") == 0
    assert count_tokens("four") == 1
    assert count_tokens("я" * 10) == 5
    assert prompt_tokens([{"role": "user", "content": "four"}]) == 8


def test_without_a_question_there_is_a_reply_all_the_same():
    assert reply_to("").startswith(MARK)
