"""The file that `config edit` starts with: valid, complete, and nothing in it set."""

from __future__ import annotations

import re
import tomllib

from mira_cli.settings.file import template
from mira_cli.settings.table import BY_NAME, KEY, SETTINGS


def test_it_sets_nothing():
    assert tomllib.loads(template()) == {}


def test_it_has_a_line_for_each_setting_with_its_default():
    lines = dict(re.findall(r"^# ([a-z_]+) = ?(.*)$", template(), re.MULTILINE))
    assert list(lines) == [setting.name for setting in SETTINGS if setting is not KEY]
    for name, value in lines.items():
        default = BY_NAME[name].default
        if value:
            assert BY_NAME[name].parse(tomllib.loads(f"x = {value}")["x"]) == default
        else:
            assert default in {None, "", ()}


def test_its_lines_are_short():
    assert max(map(len, template().splitlines())) <= 100
