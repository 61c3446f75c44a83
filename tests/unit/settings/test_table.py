"""The settings table: every row can be set, and says in plain words what it takes."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from mira_cli.errors import UsageError
from mira_cli.settings.parse import BadValueError, nearest
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
def test_what_is_taken(name, given, held):
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
        ("temperature", "1_0", "0 to 2"),
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
        ("retries", "101", "0 to 100"),
        ("timeout", "0", "more than 0"),
        ("timeout", "1e9", "at most 1000000"),
        ("timeout", "inf", "more than 0"),
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


def test_nearest():
    assert nearest("Max-Token", tuple(BY_NAME)) == "max_tokens"
    assert nearest("temp", tuple(BY_NAME)) == "temperature"
    assert nearest("--temp", ("--theme", "--temperature")) == "--temperature"
    assert nearest("sim", ("models", "simulate")) == "simulate"
    assert not nearest("zzzz", tuple(BY_NAME))
    assert not nearest("b", tuple(BY_NAME))


def test_ranges_in_words():
    assert BY_NAME["temperature"].parse.accepts == "0 to 2"
    assert BY_NAME["max_tokens"].parse.accepts == "1 or more"
    assert BY_NAME["color"].parse.accepts == "auto, always or never"
    assert BY_NAME["stream"].parse.accepts == "true or false"
    assert BY_NAME["timeout"].parse.accepts == "seconds, more than 0"
    assert not BY_NAME["model"].parse.accepts
