"""One line of a TOML file changes, the rest stays byte for byte."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mira_cli.settings.toml_lines import assign, assignments, literal, remove

FILE = """\
# my settings
model = "mira"   # the small one
"top_p" = 0.5
stop = [
  "a", # ] not the end
  "]\\"",
]
  system = '''
  # not a comment
model = "no"
'''
when = 1979-05-27 07:32:00  # a date
a.b = { c = [1, 2], d = "}" }
quotes = \"\"\"two at the end\"\"\"\"\"

# about the table
[table]
model = "of the table"
"""


def test_what_stands_where():
    found = list(assignments(FILE))
    assert [(item.name, item.line) for item in found] == [
        ("model", 2),
        ("top_p", 3),
        ("stop", 4),
        ("system", 8),
        ("when", 12),
        ("a", 13),
        ("quotes", 14),
    ]
    assert FILE[found[0].value_start : found[0].value_end] == '"mira"'
    assert FILE[found[2].value_start : found[2].value_end].endswith(",\n]")
    assert FILE[found[4].value_start : found[4].value_end] == "1979-05-27 07:32:00"


@pytest.mark.parametrize(
    ("name", "value", "before", "after"),
    [
        ("model", '"x"', 'model = "mira"   # the small one', 'model = "x"   # the small one'),
        ("top_p", "1", '"top_p" = 0.5', '"top_p" = 1'),
        ("stop", '["z"]', 'stop = [\n  "a", # ] not the end\n  "]\\"",\n]', 'stop = ["z"]'),
        ("system", '"s"', "  system = '''\n  # not a comment\nmodel = \"no\"\n'''", '  system = "s"'),
        ("quotes", '""', 'quotes = """two at the end"""""', 'quotes = ""'),
    ],
)
def test_one_value_changes(name, value, before, after):
    assert before in FILE
    assert assign(FILE, name, value) == FILE.replace(before, after)


@pytest.mark.parametrize(
    "other", ['{a="#"}', "{a={b=[1,{c=2}]}}", "{a='}',b=[\n\"]\"]}", "[{a=1},{b.c=2}]"], ids=range(4)
)
def test_a_table_without_spaces(other):
    text = f"x={other}#}}\nmodel={other}# c\n[t]\nx=1\n"
    assert assign(text, "model", '"n"') == f'x={other}#}}\nmodel="n"# c\n[t]\nx=1\n'
    assert remove(text, "x") == text.partition("#}\n")[2]


def test_a_new_line_goes_before_the_first_table():
    text = assign(FILE, "vi", "true")
    assert tomllib.loads(text)["vi"] is True
    assert text.replace("vi = true\n", "") == FILE


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", "vi = true\n"),
        ("# only words", "# only words\nvi = true\n"),
        ("model = 'x'", "model = 'x'\nvi = true\n"),
        ("a = 1\r\n", "a = 1\r\nvi = true\r\n"),
        ("\ufeffa = 1\n", "\ufeffa = 1\nvi = true\n"),
        ("\ufeff[t]\nb = 1\n", "\ufeffvi = true\n[t]\nb = 1\n"),
        ("\ufeff", "\ufeffvi = true\n"),
        ("# words\n[t]\n", "vi = true\n# words\n[t]\n"),
        ("a = 1\n# [not]\n", "a = 1\n# [not]\nvi = true\n"),
    ],
)
def test_a_new_line(text, wanted):
    assert assign(text, "vi", "true") == wanted


def test_a_line_is_taken_out_with_all_its_lines():
    assert remove(FILE, "stop") == FILE.replace('stop = [\n  "a", # ] not the end\n  "]\\"",\n]\n', "")
    assert remove(FILE, "vi") == FILE
    assert remove("\ufeffa = 1\nb = 2", "a") == "\ufeffb = 2"


plain = st.characters(exclude_categories=("Cs",))
values = st.one_of(
    st.text(plain, max_size=30),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.lists(st.text(plain, max_size=10), max_size=4),
)


@settings(max_examples=300, deadline=None)
@given(values)
def test_what_is_written_is_read(value):
    text = literal(value)
    assert "\n" not in text
    assert tomllib.loads(f"x = {text}")["x"] == value


lines = st.sampled_from(
    [
        "# words",
        "",
        "   ",
        'b = "#" # c',
        "c = [1,\n 2] # [",
        "d = '''\n[x]\n'''",
        'e = """\\\n  "" \\""" """',
        "'q r' = {x = 1, y = ']'}",
        "f.g = 1",
        "h = -1.5e3",
        'i = [ # c\n "[", \'"\', """\n""", ]',
        "[t]",
        "a = 1",
        "[[u]]",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(lines, max_size=8), st.sampled_from(["\n", "\r\n"]), st.booleans(), values)
def test_in_any_file_one_value_changes_and_no_other(parts, newline, final, value):
    text = "\n".join(parts).replace("\n", newline) + (newline if final else "")
    try:
        before = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        assume(False)
    after = tomllib.loads(assign(text, "a", literal(value)))
    assert after.pop("a") == value
    assert after == {key: held for key, held in before.items() if key != "a"}
    removed = remove(assign(text, "a", literal(value)), "a")
    assert removed.rstrip("\r\n") == remove(text, "a").rstrip("\r\n")
    assert remove(text, "a") == text or "a" in before
