"""Values: what is taken, what is refused and why, and how a value is shown, so that `config set` takes it back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mira_cli.settings.parse import BadValueError, display, nearest, visible
from mira_cli.settings.table import BY_NAME


@pytest.mark.parametrize(
    ("name", "given", "held"),
    [
        ("temperature", "0", 0.0),
        ("temperature", 2, 2.0),
        ("temperature", " 0.7 ", 0.7),
        ("temperature", "1e-1", 0.1),
        ("top_p", "1", 1.0),
        ("max_tokens", "201", 201),
        ("max_tokens", 200, 200),
        ("retries", "0", 0),
        ("timeout", "0.5", 0.5),
        ("stream", "off", False),
        ("stream", "YES", True),
        ("stream", 0, False),
        ("color", "Always", "always"),
        ("usage", True, "always"),
        ("usage", "0", "never"),
        ("model", " mira-next ", "mira-next"),
        ("system", "", ""),
        ("system", "two\nlines", "two\nlines"),
        ("stop", "END", ("END",)),
        ("stop", '["a", "b\\n"]', ("a", "b\n")),
        ("stop", "[END]", ("[END]",)),
        ("stop", "[1]", ("[1]",)),
        ("stop", ["a", "b"], ("a", "b")),
        ("stop", (), ()),
        ("base_url", "https://api.vmira.ai", "https://api.vmira.ai/v1"),
        ("theme", "ansi", "ansi"),
        ("theme", " monokai ", "monokai"),
        ("max_tokens", 5.0, 5),
        ("max_tokens", '"5"', 5),
        ("temperature", "'0.5'", 0.5),
        ("stream", '"no"', False),
        ("color", "'never'", "never"),
        ("model", '"mira-pro"', "mira-pro"),
        ("system", '"as it is"', '"as it is"'),
        ("base_url", '"https://api.vmira.ai"', "https://api.vmira.ai/v1"),
        ("base_url", " 'https://api.vmira.ai/v1'\n", "https://api.vmira.ai/v1"),
        ("base_url", "\ufeff“https://api.vmira.ai/v1”", "https://api.vmira.ai/v1"),
        ("theme", "solarized-dark", "solarized-dark"),
    ],
)
def test_a_value_is_taken_in_each_of_its_forms(name, given, held):
    value = BY_NAME[name].parse(given)
    assert value == held
    assert type(value) is type(held)


@pytest.mark.parametrize(
    ("name", "given", "says"),
    [
        ("temperature", "9", "0 to 2"),
        ("temperature", "-0.1", "0 to 2"),
        ("temperature", "hot", "0 to 2"),
        ("temperature", "nan", "0 to 2"),
        ("temperature", "inf", "0 to 2"),
        ("temperature", True, "0 to 2"),
        ("temperature", 10**400, "0 to 2"),
        ("temperature", [1], "0 to 2"),
        ("top_p", "1.1", "0 to 1"),
        ("max_tokens", "0", "1 or more"),
        ("max_tokens", "1.6", "a whole number"),
        ("max_tokens", 1.5, "a whole number"),
        ("max_tokens", True, "a whole number"),
        ("max_tokens", 10**400, "at most 9223372036854775807"),
        ("max_tokens", float("inf"), "a whole number"),
        ("base_url", '""', "not be empty"),
        ("max_tokens", "9" * 5000, "a whole number"),
        ("max_tokens", "١", "a whole number"),
        ("temperature", "1_0", "0 to 2"),
        ("retries", "101", "0 to 100"),
        ("timeout", "0", "more than 0"),
        ("timeout", "1e9", "at most 1000000"),
        ("timeout", "inf", "at most 1000000"),
        ("timeout", "-inf", "more than 0"),
        ("timeout", "nan", "more than 0"),
        ("stream", "maybe", "true or false"),
        ("color", "blue", "auto, always or never"),
        ("theme", "monokia", "auto, light, dark, ansi or a Pygments style"),
        ("theme", "", "not be empty"),
        ("model", "  ", "not be empty"),
        ("model", 5, "text"),
        ("model", "mira\udcff", "UTF-8"),
        ("stop", "", "not be empty"),
        ("stop", 7, "a text or a list of texts"),
        ("stop", ["a", 1], "a text or a list of texts"),
        ("stop", list("abcde"), "at most 4"),
        ("base_url", "nonsense", "https://"),
        ("base_url", "", "not be empty"),
    ],
)
def test_what_is_refused_says_what_is_taken(name, given, says):
    with pytest.raises(BadValueError) as caught:
        BY_NAME[name].parse(given)
    assert says in str(caught.value)


def test_a_misspelled_name_finds_the_nearest_one():
    assert nearest("Max-Token", tuple(BY_NAME)) == "max_tokens"
    assert nearest("temp", tuple(BY_NAME)) == "temperature"
    assert nearest("--temp", ("--theme", "--temperature")) == "--temperature"
    assert nearest("sim", ("models", "simulate")) == "simulate"
    assert nearest("token", tuple(BY_NAME)) == "max_tokens"
    assert nearest("api_key", tuple(BY_NAME)) == "key"
    assert nearest("nodel", tuple(BY_NAME)) == "model"
    for word in ("lang", "code", "editor"):  # like plain, model and history by their letters alone
        assert not nearest(word, tuple(BY_NAME))
    assert nearest("hello", ("ask", "chat", "help")) == "help"
    assert not nearest("what", ("ask", "chat", "help"))
    assert not nearest("zzzz", tuple(BY_NAME))
    assert not nearest("b", tuple(BY_NAME))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        ((), ""),
        ("", ""),
        (True, "true"),
        (False, "false"),
        (120.0, "120"),
        (0.7, "0.7"),
        (3, "3"),
        (("END",), "END"),
        (("[END",), '["[END"]'),
        (("a", "й"), '["a", "й"]'),
        (("\x9b", "\u202e"), '["\\u009b", "\\u202e"]'),
        ("\U000e0041", "\\udb40\\udc41"),
        ("two\nlines\tand \x1b[31m", "two\\nlines\\tand \\u001b[31m"),
    ],
)
def test_a_value_is_shown_on_one_line(value, shown):
    assert display(value) == shown


@given(st.text())
def test_a_shown_value_never_acts_on_a_terminal(text):
    assert display(text).isprintable()


@given(st.recursive(st.text() | st.integers(), lambda inner: st.lists(inner, max_size=4), max_leaves=6))
def test_json_means_the_same(value):
    shown = visible(json.dumps(value, ensure_ascii=False))
    assert shown.isprintable()
    assert json.loads(shown) == value


@given(st.lists(st.text(st.characters(exclude_categories=("C", "Z")), min_size=1), min_size=1, max_size=4))
def test_what_is_shown_can_be_set(texts):
    stop = BY_NAME["stop"]
    assert stop.parse(display(stop.parse(texts))) == tuple(texts)
