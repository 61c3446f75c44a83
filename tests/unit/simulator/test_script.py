"""Scripts of replies and faults."""

import json

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


def test_toml_and_json_say_the_same(tmp_path):
    import tomllib

    (tmp_path / "a.toml").write_text(TOML, "utf-8")
    (tmp_path / "a.json").write_text(json.dumps(tomllib.loads(TOML)), "utf-8")
    (tmp_path / "list.json").write_text(json.dumps(tomllib.loads(TOML)["reply"]), "utf-8")
    (tmp_path / "noname").write_text(TOML, "utf-8-sig")
    entries = load(str(tmp_path / "a.toml"))
    assert entries == load(str(tmp_path / "a.json")) == load(str(tmp_path / "list.json"))
    assert entries == load(str(tmp_path / "noname"))
    first, second, third, fourth = entries
    assert (first.text, first.match, first.model, first.delay, first.rate) == (
        "one",
        "first",
        "mira-pro",
        0.5,
        10,
    )
    assert first.usage == {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    assert (second.fault.name, second.count) == ("429", 2)
    assert (third.fault.name, third.count) == ("503", 1)
    assert (fourth.text, fourth.usage) == (("t", "wo"), False)


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
        ({"fail": "nonsense"}, "no fault 'nonsense'"),
        (7, "a table"),
    ],
)
def test_a_wrong_entry_is_named_by_its_number(row, words):
    with pytest.raises(UsageError) as caught:
        read(["fine", row], {})
    assert "reply 2" in caught.value.message
    assert words in caught.value.message


@pytest.mark.parametrize(
    "text", ["[[reply]", "replies = []", "reply = 1", "a = 1\n[[reply]]\ntext = 'x'", "\udcff"]
)
def test_a_broken_file_is_named(tmp_path, text):
    path = tmp_path / "a.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(UsageError, match=r"a\.toml"):
        load(str(path))


@pytest.mark.parametrize("text", ["rate = {}", '[{{"text": "a", "rate": {}}}]'])
@pytest.mark.parametrize(
    ("value", "says"), [("9" * 5000, "too many digits"), ("[" * 9000 + "]" * 9000, "nested too deeply")]
)
def test_a_value_that_python_cannot_read_is_said_in_plain_words(tmp_path, text, value, says):
    path = tmp_path / "script"
    path.write_text(text.format(value))
    with pytest.raises(UsageError, match=says) as caught:
        load(str(path))
    assert "sys." not in caught.value.message


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"none\.toml: No such file"):
        load(str(tmp_path / "none.toml"))
