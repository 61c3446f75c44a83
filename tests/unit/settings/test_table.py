"""The settings table: every row can be set, and says in plain words what it takes."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from mira_cli.errors import UsageError
from mira_cli.settings.resolve import Settings
from mira_cli.settings.table import BY_NAME, KEY, SETTINGS, find


def test_each_row_is_an_attribute_of_settings_and_each_attribute_a_row():
    attributes = {field.name for field in fields(Settings)} - {"paths", "sources", "warnings"}
    assert {setting.name for setting in SETTINGS} - {KEY.name} == attributes


def test_the_settings_of_the_documentation_are_there():
    documented = (
        "key model system temperature top_p max_tokens stop context stream usage history vi plain color theme "
        "timeout connect_timeout retries base_url key_command sanitize max_time fold_system reasoning prompt"
    )
    assert set(documented.split()) == set(BY_NAME)


def test_variables_are_named_after_the_setting_but_for_the_key():
    assert BY_NAME["key"].env == "MIRA_API_KEY"
    assert BY_NAME["top_p"].env == "MIRA_TOP_P"


def test_flags_are_named_after_the_setting():
    for setting in SETTINGS:
        for flag in setting.flags:
            assert re.fullmatch(r"-[a-z]|--(no-)?" + setting.name.replace("_", "-"), flag)


def test_help_is_one_short_line():
    for setting in SETTINGS:
        assert setting.help.endswith(".")
        assert len(setting.help) <= 80


@pytest.mark.parametrize(
    "setting", [setting for setting in SETTINGS if setting.default not in (None, "", ())]
)
def test_a_default_is_a_value_that_may_be_set(setting):
    assert setting.parse(setting.default) == setting.default


def test_a_name_is_found_with_dashes_too():
    assert find("top-p") is BY_NAME["top_p"]


def test_an_unknown_name_says_the_nearest():
    with pytest.raises(UsageError) as caught:
        find("modell")
    assert caught.value.message == "No setting 'modell'. Did you mean 'model'?"


def test_a_name_that_is_near_to_nothing_says_where_they_are_listed():
    with pytest.raises(UsageError) as caught:
        find("zzzz")
    assert caught.value.message == "No setting 'zzzz'."
    assert "config list" in caught.value.hint
