"""config.toml: read with its faults named, changed without a loss."""

from __future__ import annotations

import os
import re
import stat
import tomllib
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mira_cli.errors import ConfigError
from mira_cli.settings import file
from mira_cli.settings.paths import Paths, locate
from mira_cli.settings.table import BY_NAME, KEY, SETTINGS


@pytest.fixture
def paths(tmp_path):
    """A config directory that is not there yet."""
    directory = str(tmp_path / "one" / "mira")
    return locate({"MIRA_CONFIG_DIR": directory})


@pytest.fixture
def config(tmp_path):
    """A path for a settings file."""
    return tmp_path / "config.toml"


@pytest.mark.parametrize("data", [None, b"", b"\n\n", b"# words", b"\xef\xbb\xbf"])
def test_a_file_without_settings_is_empty(config, data):
    if data is not None:
        config.write_bytes(data)
    assert file.load(str(config)).values == {}


def test_no_home_no_file():
    assert file.load("").values == {}


def test_a_bom_and_other_line_ends_do_no_harm(config):
    config.write_bytes(b'\xef\xbb\xbfmodel = "x"\r\nvi = true\r\n')
    stored = file.load(str(config))
    assert stored.values == {"model": "x", "vi": True}
    assert stored.place("vi") == "config.toml line 2"
    assert stored.place("none") == "config.toml"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"model = \n", "line 1, column 9"),
        (b'a = 1\nmodel "x"\n', "line 2, column 7"),
        (b'a = 1\nmodel = "x', "line 2, column 11"),
        (b"a = 1\na = 2\n", "line 2, column 6: Cannot overwrite"),
        (b"[a]\n[b]\n[a]\n", "line 3, column 3: Cannot declare"),
        (b"= 1\n", "line 1, column 1"),
        (b"a = [1,\n", "line 2, column 1"),
        (b"a = 1\nb = \xff\n", "line 2 is not UTF-8"),
        (b"a = 1\x00\n", "line 1, column 6"),
        (b"a = " + b"9" * 5000, "holds too long a number"),
        (b"a = " + b"[" * 3000 + b"]" * 3000, "is nested too deeply"),
        (b"model = mira\n", "line 1, column 9"),
    ],
    ids=range(12),
)
def test_what_is_broken_is_named(config, data, says):
    config.write_bytes(data)
    with pytest.raises(ConfigError) as caught:
        file.load(str(config))
    assert says in caught.value.message
    assert str(config) in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.hint


def test_a_directory_in_the_place_of_the_file_is_named(config):
    config.mkdir()
    with pytest.raises(ConfigError) as caught:
        file.load(str(config))
    assert "Is a directory" in caught.value.message


def test_a_file_in_the_place_of_the_directory_holds_no_settings(config):
    config.write_text("")
    assert file.load(str(config / "config.toml")).values == {}


def test_a_link_to_itself(config):
    config.symlink_to(config)
    with pytest.raises(ConfigError) as caught:
        file.load(str(config))
    assert "Cannot read" in caught.value.message


def test_a_first_setting_makes_directory_and_file_private(paths):
    before = os.umask(0)
    try:
        file.assign(paths, "model", "mira-pro")
    finally:
        os.umask(before)
    assert file.load(paths.config_file).values == {"model": "mira-pro"}
    assert stat.S_IMODE(Path(paths.config_dir).stat().st_mode) == 0o700
    assert stat.S_IMODE(Path(paths.config_dir).parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(Path(paths.config_file).stat().st_mode) == 0o600


def test_the_mode_of_the_file_stays(paths):
    file.assign(paths, "model", "a")
    Path(paths.config_file).chmod(0o640)
    file.assign(paths, "model", "b")
    assert stat.S_IMODE(Path(paths.config_file).stat().st_mode) == 0o640


def test_a_link_stays_a_link(paths, tmp_path):
    Path(paths.config_dir).mkdir(parents=True)
    real = tmp_path / "dotfiles.toml"
    real.write_text("# mine\n")
    Path(paths.config_file).symlink_to(real)
    file.assign(paths, "vi", True)
    assert Path(paths.config_file).is_symlink()
    assert real.read_text() == "# mine\nvi = true\n"


def test_line_ends_bom_and_comments_stay(paths):
    Path(paths.config_dir).mkdir(parents=True)
    with Path(paths.config_file).open("wb") as config:
        config.write('\ufeff# Привет\r\nmodel = "a" # why\r\n\r\n[other]\r\nmodel = 1'.encode())
    file.assign(paths, "model", "b")
    with Path(paths.config_file).open("rb") as config:
        assert config.read() == '\ufeff# Привет\r\nmodel = "b" # why\r\n\r\n[other]\r\nmodel = 1'.encode()


def test_a_line_is_taken_out(paths):
    file.assign(paths, "model", "a")
    file.assign(paths, "stop", ("x", "y"))
    assert file.assign(paths, "model", None)
    assert not file.assign(paths, "model", None)
    assert file.load(paths.config_file).text == 'stop = ["x", "y"]\n'


def test_taking_out_of_no_file_makes_none(paths):
    assert not file.assign(paths, "model", None)
    assert not Path(paths.config_dir).exists()


@pytest.mark.parametrize(
    "text", ["[model]\na = 1\n", "model.a = 1\nmodel.b = 2\n", "[a]\n[[model]]\n", "model = {a = 1}\n"]
)
def test_what_is_no_line_is_left_alone(paths, text):
    Path(paths.config_dir).mkdir(parents=True)
    with Path(paths.config_file).open("w", encoding="utf-8") as config:
        config.write(text)
    for change in (lambda: file.assign(paths, "model", "x"), lambda: file.assign(paths, "model", None)):
        with pytest.raises(ConfigError) as caught:
            change()
        assert "can't be changed here" in caught.value.message
    assert Path(paths.config_file).read_text() == text


def test_a_broken_file_is_never_overwritten(paths):
    Path(paths.config_dir).mkdir(parents=True)
    with Path(paths.config_file).open("w", encoding="utf-8") as config:
        config.write("model = \n")
    with pytest.raises(ConfigError):
        file.assign(paths, "vi", True)
    assert Path(paths.config_file).read_text() == "model = \n"


def test_without_a_home_one_clear_line():
    with pytest.raises(ConfigError) as caught:
        file.assign(Paths(), "vi", True)
    assert "home" in caught.value.message


plain = st.characters(exclude_categories=("Cs",))
values = {
    "model": st.text(st.characters(exclude_categories=("Cs", "Z", "C", "Po")), min_size=1),
    "system": st.text(plain),
    "temperature": st.floats(0, 2),
    "max_tokens": st.integers(1, 2**63 - 1),
    "stop": st.lists(st.text(plain, min_size=1), max_size=4),
    "stream": st.booleans(),
    "usage": st.sampled_from(["auto", "always", "never"]),
    "theme": st.sampled_from(["auto", "dark", "monokai"]),
    "timeout": st.floats(0.001, 1e6),
    "base_url": st.just("https://host.example/v1"),
    "key_command": st.just("pass show 'my key'"),
}
changes = st.lists(
    st.sampled_from(sorted(values)).flatmap(lambda name: st.tuples(st.just(BY_NAME[name]), values[name])),
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(changes)
def test_settings_written_are_settings_read(tmp_path_factory, changes):
    directory = str(tmp_path_factory.mktemp("config"))
    paths = locate({"MIRA_CONFIG_DIR": directory})
    wanted = {}
    for setting, value in changes:
        wanted[setting.name] = setting.parse(value)
        file.assign(paths, setting.name, wanted[setting.name])
    stored = file.load(paths.config_file)
    assert {name: BY_NAME[name].parse(stored.values[name]) for name in wanted} == wanted
    assert len(stored.values) == len(wanted)


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


@pytest.fixture
def edit(paths):
    """Set (or remove, None) one setting of a config.toml with this text; its new text."""

    def edit(text, name, value):
        Path(paths.config_dir).mkdir(parents=True, exist_ok=True)
        Path(paths.config_file).write_bytes(text.encode())
        if value is None:
            file.assign(paths, name, None)
        else:
            file.assign(paths, name, value)
        return Path(paths.config_file).read_bytes().decode()

    return edit


def test_the_line_of_each_setting(config):
    config.write_text(FILE)
    stored = file.load(str(config))
    names = ("model", "top_p", "stop", "system", "when", "a", "quotes", "table", "none", "d")
    lines = [int(stored.place(name).partition("config.toml line ")[2] or 0) for name in names]
    assert lines == [2, 3, 4, 8, 12, 13, 14, 17, 0, 0]


@pytest.mark.parametrize(
    ("name", "value", "before", "after"),
    [
        ("model", "x", 'model = "mira"   # the small one', 'model = "x"   # the small one'),
        ("top_p", 1.0, '"top_p" = 0.5', '"top_p" = 1'),
        ("stop", ("z",), 'stop = [\n  "a", # ] not the end\n  "]\\"",\n]', 'stop = ["z"]'),
        ("system", "s", "  system = '''\n  # not a comment\nmodel = \"no\"\n'''", '  system = "s"'),
        ("quotes", "", 'quotes = """two at the end"""""', 'quotes = ""'),
    ],
)
def test_one_value_changes(edit, name, value, before, after):
    assert before in FILE
    assert edit(FILE, name, value) == FILE.replace(before, after)


@pytest.mark.parametrize(
    "other", ['{a="#"}', "{a={b=[1,{c=2}]}}", "{a='}',b=[\n\"]\"]}", "[{a=1},{b.c=2}]"], ids=range(4)
)
def test_a_table_without_spaces(edit, other):
    text = f'x={other}#}}\nmodel="m"# c\n[t]\nx=1\n'
    assert edit(text, "model", "n") == f'x={other}#}}\nmodel="n"# c\n[t]\nx=1\n'


def test_a_new_line_goes_before_the_first_table(edit):
    text = edit(FILE, "vi", True)
    assert tomllib.loads(text)["vi"] is True
    assert text.replace("vi = true\n\n", "") == FILE


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", "vi = true\n"),
        ("# only words", "# only words\nvi = true\n"),
        ("model = 'x'", "model = 'x'\nvi = true\n"),
        ("a = 1\r\n", "a = 1\r\nvi = true\r\n"),
        ("a = 1\r\n\r\n# b\r\n[t]\r\nb = 1", "a = 1\r\n\r\n# b\r\nvi = true\r\n\r\n[t]\r\nb = 1\r\n"),
        ("a = 1", "a = 1\nvi = true\n"),
        ("a.b.c = 1", "a.b.c = 1\nvi = true\n"),
        ("\ufeffa = 1\n", "\ufeffa = 1\nvi = true\n"),
        ("\ufeff[t]\nb = 1\n", "\ufeffvi = true\n\n[t]\nb = 1\n"),
        ("\ufeff", "\ufeffvi = true\n"),
        ("# words\n[t]\n", "# words\nvi = true\n\n[t]\n"),
        ("a = 1\n# [not]\n", "a = 1\n# [not]\nvi = true\n"),
        ("[a]\n[b]\n[a.c]\n[[d]]\n", "vi = true\n\n[a]\n[b]\n[a.c]\n[[d]]\n"),
    ],
)
def test_a_new_line(edit, text, wanted):
    assert edit(text, "vi", True) == wanted


def test_a_setting_is_removed_with_all_its_lines(edit):
    assert edit(FILE, "stop", None) == FILE.replace('stop = [\n  "a", # ] not the end\n  "]\\"",\n]\n', "")
    assert edit(FILE, "vi", None) == FILE
    assert edit("\ufeffvi = true\nb = 2", "vi", None) == "\ufeffb = 2"
    assert edit("a = 1\r\nvi = true # c\r\nb = 2\r\n", "vi", None) == "a = 1\r\nb = 2\r\n"


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
        "k.l.m = 1",
        "[k.n]",
        "o = 1979-05-27T07:32:00Z",
        "h = -1.5e3",
        'i = [ # c\n "[", \'"\', """\n""", ]',
        "[t]",
        "system = 1",
        "[[u]]",
    ]
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(lines, max_size=8), st.sampled_from(["\n", "\r\n"]), st.booleans(), st.text(plain, max_size=30)
)
def test_in_any_file_one_value_changes_and_no_other(tmp_path_factory, parts, newline, final, value):
    text = "\n".join(parts).replace("\n", newline) + (newline if final else "")
    try:
        before = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        assume(False)
    directory = str(tmp_path_factory.mktemp("config"))
    paths = locate({"MIRA_CONFIG_DIR": directory})
    Path(paths.config_file).write_bytes(text.encode())
    file.assign(paths, "system", value)
    changed = Path(paths.config_file).read_bytes().decode()
    after = tomllib.loads(changed)
    assert after.pop("system") == value
    assert after == {key: held for key, held in before.items() if key != "system"}
    assert "\r\n" not in text or "\n" not in changed.replace("\r\n", "")
    assert all(
        line in changed.splitlines()
        for line in text.splitlines()
        if line.strip() and not line.startswith("system")
    )
    file.assign(paths, "system", None)
    assert "system" not in file.load(paths.config_file).values


def test_the_initial_file_sets_nothing():
    assert tomllib.loads(file.template()) == {}


def test_each_line_of_the_initial_file_without_the_comment_sign_is_a_value_that_is_taken():
    values = tomllib.loads("\n".join(re.findall(r"^# ([a-z_]+ = .*)$", file.template(), re.MULTILINE)))
    assert list(values) == [setting.name for setting in SETTINGS if setting is not KEY]
    for name, value in values.items():
        held = BY_NAME[name].parse(value)
        assert BY_NAME[name].default in {None, "", (), held}


def test_the_lines_of_the_initial_file_are_short():
    assert max(map(len, file.template().splitlines())) <= 100
