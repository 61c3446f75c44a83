"""Where the files live: as platformdirs says, and never made here."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs
import pytest

from mira_cli.settings.paths import locate


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"XDG_CONFIG_HOME": "/somewhere/config"},
        {"XDG_CONFIG_HOME": "/a/", "XDG_STATE_HOME": "/b", "XDG_CACHE_HOME": "/c"},
        {"XDG_CONFIG_HOME": "relative/path"},
        {"XDG_CONFIG_HOME": "", "XDG_STATE_HOME": " "},
        {"HOME": "/"},
        {"HOME": "/home/a/"},
        {"HOME": "relative"},
        {"HOME": ""},
    ],
)
def test_the_same_as_platformdirs(monkeypatch, tmp_path, variables):
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "MIRA_CONFIG_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    paths = locate(os.environ)
    dirs = platformdirs.PlatformDirs("mira", appauthor=False)
    assert paths.config_dir == dirs.user_config_dir
    assert paths.history_file == f"{dirs.user_state_dir}/history"
    assert paths.models_file == f"{dirs.user_cache_dir}/models"
    assert list(tmp_path.iterdir()) == []


def test_without_home_the_user_database_knows_one(monkeypatch):
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    assert Path(locate(os.environ).config_file).is_absolute()


def test_our_own_directory_takes_all(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    paths = locate({"MIRA_CONFIG_DIR": "mine", "HOME": "/home/a"})
    assert paths.config_dir == str(tmp_path / "mine")
    assert paths.config_file == str(tmp_path / "mine" / "config.toml")
    assert paths.key_file == str(tmp_path / "mine" / "key")
    assert paths.history_file == str(tmp_path / "mine" / "history")
    assert paths.models_file == str(tmp_path / "mine" / "models")
    assert list(tmp_path.iterdir()) == []


def test_our_own_directory_may_begin_with_a_tilde(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert locate({"MIRA_CONFIG_DIR": "~/m"}).config_dir == str(tmp_path / "m")
