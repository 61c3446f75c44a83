"""Scripts of replies and faults."""

import json
import tomllib

import pytest

from mira_cli.errors import UsageError
from mira_cli.simulator.script import load, read

TOML = """
[[reply]]
text = "one"
match = "first"
model = "mira-pro"
delay = 0.5
rate = 10
finish_reason = "length"
usage = { prompt_tokens = 1, completion_tokens = 2, total_tokens = 3 }

[[reply]]
fail = "429:2"

[[reply]]
fail = 503

[[reply]]
text = ["t", "wo"]
usage = false
"""


def test_toml_and_json_say_the_same():
    first, second, third, fourth = load(TOML, "a script")
    assert load(json.dumps(tomllib.loads(TOML)), "a.json") == [first, second, third, fourth]
    for name in ("a.json", "a script"):
        assert load(json.dumps(tomllib.loads(TOML)["reply"]), name) == [first, second, third, fourth]
        assert load(f"\n{json.dumps(tomllib.loads(TOML))}", name) == [first, second, third, fourth]
    assert first.match == "first"
    assert first.changes == {
        "pieces": ("one",),
        "reasoning": (),
        "model": "mira-pro",
        "delay": 0.5,
        "rate": 10,
        "finish_reason": "length",
        "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
    }
    assert (second.fault.name, second.count) == ("429", 2)
    assert (third.fault.name, third.count) == ("503", 1)
    assert (fourth.changes["pieces"], fourth.changes["usage"]) == (("t", "wo"), None)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({}, "give either text or fail"),
        ({"text": "x", "fail": "429"}, "give either text or fail"),
        ({"text": 1}, "text must be a string"),
        ({"text": "x", "dealy": 1}, "unknown name 'dealy'"),
        ({"text": "x", "delay": -1}, "delay must be"),
        ({"text": "x", "delay": True}, "delay must be"),
        ({"text": "x", "match": 1}, "match must be"),
        ({"text": "x", "usage": {"tokens": 1}}, "usage must be"),
        ({"text": "x", "usage": {"total_tokens": "1"}}, "usage must be"),
        ({"fail": ["429"]}, "fail must be"),
        ({"fail": "nonsense"}, "no fault 'nonsense'"),
        (7, "a table"),
    ],
)
def test_a_wrong_entry_is_named_by_its_number(row, words):
    with pytest.raises(UsageError) as caught:
        read(["fine", row])
    assert "reply 2" in caught.value.message
    assert words in caught.value.message


@pytest.mark.parametrize(
    "text", ["[[reply]", "replies = []", "reply = 1", "a = 1\n[[reply]]\ntext = 'x'", ""]
)
def test_a_broken_file_is_named(text):
    with pytest.raises(UsageError, match=r"The script a\.toml"):
        load(text, "a.toml")


@pytest.mark.parametrize("name", ["a.toml", "a script"])
def test_a_table_that_is_no_list_is_not_taken_for_json(name):
    with pytest.raises(UsageError, match="there is no list of replies") as caught:
        load('[reply]\ntext = "x"', name)
    assert "[[reply]]" in caught.value.hint


@pytest.mark.parametrize("text", ["{", "[1]", "1", '{"replies": []}', "\u0666"])
def test_so_is_one_in_json(text):
    with pytest.raises(UsageError, match=r"The script a\.json"):
        load(text, "a.json")


@pytest.mark.parametrize(("name", "text"), [("a.toml", "rate = {}"), ("a.json", '{{"reply": {}}}')])
@pytest.mark.parametrize(
    ("value", "says"), [("9" * 5000, "too many digits"), ("[" * 99_000 + "]" * 99_000, "nested too deeply")]
)
def test_a_value_that_python_cannot_read_is_said_in_plain_words(name, text, value, says):
    with pytest.raises(UsageError, match=says) as caught:
        load(text.format(value), name)
    assert "sys." not in caught.value.message
