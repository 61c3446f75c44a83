"""config.toml: read with its faults named, changed without a loss."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mira_cli.errors import ConfigError
from mira_cli.settings import file
from mira_cli.settings.paths import Paths
from mira_cli.settings.table import SETTINGS


@pytest.fixture
def paths(tmp_path):
    """A config directory that is not there yet."""
    directory = str(tmp_path / "one" / "mira")
    return Paths(directory, directory, directory)


@pytest.fixture
def config(tmp_path):
    """A path for a settings file."""
    return tmp_path / "config.toml"


@pytest.mark.parametrize("data", [None, b"", b"\n\n", b"# words", b"\xef\xbb\xbf"])
def test_nothing_is_set(config, data):
    if data is not None:
        config.write_bytes(data)
    assert file.load(str(config)).values == {}


def test_no_home_no_file():
    assert file.load("").values == {}


def test_a_bom_and_other_line_ends_do_no_harm(config):
    config.write_bytes(b'\xef\xbb\xbfmodel = "x"\r\nvi = true\r\n')
    stored = file.load(str(config))
    assert stored.values == {"model": "x", "vi": True}
    assert stored.line("vi") == 2
    assert stored.line("none") == 0


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"model = \n", "line 1, column 9"),
        (b'a = 1\nmodel "x"\n', "line 2, column 7"),
        (b'a = 1\nmodel = "x', "line 2, column 11"),
        (b"a = 1\na = 2\n", "line 2, column 6: this is set above already."),
        (b"[a]\n[b]\n[a]\n", "line 3, column 3: this table stands above already."),
        (b"= 1\n", "line 1, column 1"),
        (b"a = [1,\n", "line 2, column 1"),
        (b"a = 1\nb = \xff\n", "line 2 is not UTF-8"),
        (b"a = 1\x00\n", "line 1, column 6"),
        (b"a = " + b"9" * 5000, "cannot be read"),
        (b"a = " + b"[" * 3000 + b"]" * 3000, "cannot be read"),
        (b"#" * (2 << 20), "over 1 MB"),
        (b"model = mira\n", "line 1, column 9"),
    ],
    ids=range(13),
)
def test_what_is_broken_is_named(config, data, says):
    config.write_bytes(data)
    with pytest.raises(ConfigError) as caught:
        file.load(str(config))
    assert says in caught.value.message
    assert str(config) in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.hint


def test_a_directory(config):
    config.mkdir()
    with pytest.raises(ConfigError) as caught:
        file.load(str(config))
    assert "is a directory" in caught.value.message


def test_a_pipe_is_not_waited_for(config):
    os.mkfifo(config)
    with pytest.raises(ConfigError) as caught:
        file.load(str(config))
    assert "is not a file" in caught.value.message


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
    assert file.remove(paths, "model")
    assert not file.remove(paths, "model")
    assert file.load(paths.config_file).text == 'stop = ["x", "y"]\n'


def test_taking_out_of_no_file_makes_none(paths):
    assert not file.remove(paths, "model")
    assert not Path(paths.config_dir).exists()


@pytest.mark.parametrize("text", ["[model]\na = 1\n", "model.a = 1\nmodel.b = 2\n", "[[model]]\n"])
def test_what_is_no_line_is_left_alone(paths, text):
    Path(paths.config_dir).mkdir(parents=True)
    with Path(paths.config_file).open("w", encoding="utf-8") as config:
        config.write(text)
    for change in (lambda: file.assign(paths, "model", "x"), lambda: file.remove(paths, "model")):
        with pytest.raises(ConfigError) as caught:
            change()
        assert "cannot be changed here" in caught.value.message
    assert file.read_text(paths.config_file) == text


def test_a_broken_file_is_never_overwritten(paths):
    Path(paths.config_dir).mkdir(parents=True)
    with Path(paths.config_file).open("w", encoding="utf-8") as config:
        config.write("model = \n")
    with pytest.raises(ConfigError):
        file.assign(paths, "vi", True)
    assert file.read_text(paths.config_file) == "model = \n"


def test_a_nan_of_another_program_does_not_stop_a_change(paths):
    Path(paths.config_dir).mkdir(parents=True)
    with Path(paths.config_file).open("w", encoding="utf-8") as config:
        config.write("other = nan\n")
    file.assign(paths, "vi", True)
    assert file.load(paths.config_file).values["vi"] is True


def test_without_a_home_one_clear_line():
    with pytest.raises(ConfigError) as caught:
        file.assign(Paths("", "", ""), "vi", True)
    assert "home" in caught.value.message


typed = {
    "number": st.floats(0, 1),
    "whole": st.integers(1, 100),
    "seconds": st.floats(0.001, 1e6),
    "switch": st.booleans(),
    "choice": st.sampled_from(["auto", "always", "never"]),
    "theme": st.sampled_from(["auto", "dark", "monokai"]),
    "text": st.text(st.characters(exclude_categories=("Cs",))),
    "word": st.text(st.characters(exclude_categories=("Cs", "Z", "C")), min_size=1),
    "texts": st.lists(st.text(st.characters(exclude_categories=("Cs",)), min_size=1), max_size=4),
    "command": st.just("pass show 'my key'"),
    "url": st.just("https://host.example/v1"),
}
changes = st.lists(
    st.sampled_from([setting for setting in SETTINGS if setting.kind != "key"]).flatmap(
        lambda setting: st.tuples(st.just(setting), typed[setting.kind])
    ),
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(changes)
def test_settings_written_are_settings_read(tmp_path_factory, changes):
    directory = str(tmp_path_factory.mktemp("config"))
    paths = Paths(directory, directory, directory)
    wanted = {}
    for setting, value in changes:
        wanted[setting.name] = setting.read(value)
        file.assign(paths, setting.name, wanted[setting.name])
    stored = file.load(paths.config_file)
    assert {
        name: setting.read(stored.values[name]) for setting in SETTINGS if (name := setting.name) in wanted
    } == wanted
    assert len(stored.values) == len(wanted)
