"""The JSON in a reply."""

from __future__ import annotations

import json
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mira_cli.session.reply_parts.json_value import find, parse_strict


@pytest.mark.parametrize(
    "text",
    ["", " ", "x", "{", "[1,]", "{'a': 1}", "NaN", "[1, Infinity]", '{"a": 1, "a": 1}', '[{"b": {"a": 1, "a": 2}}]', "1 2",
     '"\n"', "[" * 10_000, "9" * 5000, "01", "\u00a0[]"],
    ids=range(16),
)  # fmt: skip
def test_what_is_not_strict_json(text):
    with pytest.raises(ValueError):
        parse_strict(text)


@pytest.mark.parametrize("text", ['{"a": 1.50}', "[]", "17", '"x"', "null", "true", "-1.5e300"])
def test_a_value_keeps_its_own_characters(text):
    found = parse_strict(f" \r\n{text}\n\t")
    assert found.text == text
    assert found.value == json.loads(text)


@pytest.mark.parametrize(
    ("text", "value"), [("1e400", sys.float_info.max), ("-1.0E+999", -sys.float_info.max)]
)
def test_a_number_beyond_floats_is_the_largest_float(text, value):
    found = parse_strict(text)
    assert (found.text, found.value) == (text, value)
    assert json.dumps(found.value, allow_nan=False)


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (' {"a":  1}\n', '{"a":  1}'),
        ("42", "42"),
        ('Here:\n\n```json\n{"a": 1}\n```\n\nor {"longer": [1, 2, 3, 4]}', '{"a": 1}'),
        ('```\nno\n```\n- ~~~\n  {"a":\n   1}\n  ~~~\n', '{"a":\n 1}'),
        ('```json\n{"cut": \n```\nbut [1, 2] and {"a": {"b": []}}.', '{"a": {"b": []}}'),
        ('It is {"a": 1}, I think {so}.', '{"a": 1}'),
        ('[see "it"]: {"a": "}"}', '{"a": "}"}'),
        ("[1] [2]", "[1]"),
        ('{"a": 1, "a": [1, 2]} [3]', "[1, 2]"),
        ('{"a": NaN} {"b": 1}', '{"b": 1}'),
        ('{"items": [{"a": 1}, {"b": 22}, {"c"', '{"b": 22}'),
        ("[[[[ [1] ", "[1]"),
    ],
)
def test_the_value_in_a_reply_is_found(reply, text):
    found, _ = find(reply)
    assert found is not None
    assert found.text == text
    assert found.value == json.loads(text)


@pytest.mark.parametrize("reply", ["", "no JSON", "42 is it", "{a}", "{NaN}", "[NaN]"])
def test_a_reply_without_json_has_no_value(reply):
    assert find(reply)[0] is None


@pytest.mark.parametrize("piece", ["[", '{"a":', "[{", '"[', "{}[", "[1,", '{"a":1,"a":'])
def test_a_hostile_text_takes_no_quadratic_time(piece):
    found, _ = find(piece * (200_000 // len(piece)))
    assert found is None or found.value in ({}, [])


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)
OBJECTS = st.dictionaries(st.text(max_size=5), VALUES, min_size=1, max_size=4)
FORMS = st.sampled_from(
    ("{}", "Sure! {} Fine?", "Sure:\n\n```json\n{}\n```\n", "> ~~~\n> {}\n> ~~~\n\nDone.", "a [0] {} b")
)


@given(OBJECTS, FORMS, st.booleans())
@settings(max_examples=400, deadline=None)
def test_finds_a_value_in_any_wrapping(value, form, ascii_only):
    text = json.dumps(value, ensure_ascii=ascii_only)
    found, _ = find(form.replace("{}", text))
    assert found is not None
    assert found.text == text
    assert found.value == value


@given(st.text('[]{}",:1 a\n`', max_size=40))
@settings(max_examples=500, deadline=None)
def test_the_value_found_is_the_longest_span(reply):
    found, _ = find(reply)
    if found is not None:
        assert found.text in reply or "```" in reply
        assert json.loads(found.text) == found.value
    elif "```" not in reply:
        spans = (reply[start:end] for start in range(len(reply)) for end in range(start, len(reply) + 1))
        assert not any(_is_strict(span) for span in spans if span[:1] in ("{", "["))


def _is_strict(text):
    try:
        parse_strict(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        ('{"a": 1, "a": 2}', "is not strict JSON: the key 'a' appears twice"),
        ('Here:\n```json\n[{"b": 1, "b": 2}]\n```', "is not strict JSON: the key 'b' appears twice"),
        ('It is {"a": NaN}, I think.', "is not strict JSON: NaN is not a JSON number"),
        ("[1, -Infinity]", "is not strict JSON: -Infinity is not a JSON number"),
        ("9" * 5000, "has a number with too many digits"),
        ('{"a":' * 10_000, "is nested too deeply"),
        ("no JSON", ""),
        ('{"a": 1', ""),
        ('{"a": 1}', ""),
    ],
    ids=range(9),
)
def test_reasons_why_json_cannot_be_used(reply, why):
    assert find(reply)[1] == why
