"""The file that `config edit` starts with: valid, complete, and nothing in it set."""

from __future__ import annotations

import re
import tomllib

from mira_cli.settings.file import template
from mira_cli.settings.table import BY_NAME, KEY, SETTINGS


def test_it_sets_nothing():
    assert tomllib.loads(template()) == {}


def test_each_of_its_lines_without_the_comment_sign_is_a_value_that_is_taken():
    values = tomllib.loads("\n".join(re.findall(r"^# ([a-z_]+ = .*)$", template(), re.MULTILINE)))
    assert list(values) == [setting.name for setting in SETTINGS if setting is not KEY]
    for name, value in values.items():
        held = BY_NAME[name].parse(value)
        assert BY_NAME[name].default in {None, "", (), held}


def test_its_lines_are_short():
    assert max(map(len, template().splitlines())) <= 100
