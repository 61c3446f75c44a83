"""The model names that completions offer."""

import os
from pathlib import Path

import pytest

from mira_cli.session.models import MAX_CACHED, cache_names
from mira_cli.settings.paths import locate


@pytest.fixture
def paths(tmp_path):
    return locate({"HOME": str(tmp_path)})


def test_the_names_are_kept_a_line_each(paths):
    cache_names(["mira", "owner/model:8b"], paths)
    cache_names(["mira-pro", "mira"], paths)
    assert Path(paths.models_file).read_text(encoding="utf-8") == "mira-pro\nmira\n"
    assert os.listdir(os.path.dirname(paths.models_file)) == ["models"]


@pytest.mark.parametrize(
    "name", ["", "$(id)", "`id`", "a b", "-rf", "a\nb", "a;b", "é", "a" * 101, "a\x1b[m", "'", "\\"]
)
def test_a_name_that_a_shell_might_act_on_is_left_out(name, paths):
    cache_names([name, "mira"], paths)
    assert Path(paths.models_file).read_text(encoding="utf-8") == "mira\n"


def test_no_names_leave_what_is_there(paths):
    cache_names(["mira"], paths)
    cache_names(["$(id)"], paths)
    assert Path(paths.models_file).read_text(encoding="utf-8") == "mira\n"


def test_the_list_is_bounded(paths):
    cache_names([f"m{number}" for number in range(MAX_CACHED * 2)], paths)
    assert len(Path(paths.models_file).read_text(encoding="utf-8").splitlines()) == MAX_CACHED


def test_a_cache_that_cannot_be_written_is_no_failure(tmp_path):
    (tmp_path / "file").touch()
    cache_names(["mira"], locate({"MIRA_CONFIG_DIR": str(tmp_path / "file" / "below")}))
    cache_names(["mira"], locate({"MIRA_CONFIG_DIR": str(tmp_path)}))
    assert (tmp_path / "models").read_text(encoding="utf-8") == "mira\n"
