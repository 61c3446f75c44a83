"""Flag, then environment, then config.toml, then default; and who spoke."""

from __future__ import annotations

from pathlib import Path

import pytest

from mira_cli.errors import ConfigError, UsageError
from mira_cli.settings.resolve import resolve


@pytest.fixture
def home(tmp_path):
    """A config directory, and the environment that names it."""
    return {"MIRA_CONFIG_DIR": str(tmp_path)}


def write(home, text):
    with Path(home["MIRA_CONFIG_DIR"] + "/config.toml").open("w", encoding="utf-8") as file:
        file.write(text)


def test_without_anything_set_the_defaults_hold(home):
    settings = resolve({}, home)
    assert settings.model == "mira"
    assert settings.temperature is None
    assert settings.timeout == 120
    assert settings.connect_timeout == 10
    assert settings.retries == 2
    assert settings.base_url == "https://api.vmira.ai/v1"
    assert settings.stream
    assert settings.usage == settings.color == settings.sanitize == "auto"
    assert settings.stop == ()
    assert settings.sources["model"] == "default"
    assert settings.warnings == ()


def test_the_higher_source_wins_and_is_remembered(home):
    write(home, 'model = "of-file"\ntemperature = 1\nstop = ["a"]\n')
    env = {**home, "MIRA_MODEL": "of-env", "MIRA_TEMPERATURE": "0.5"}
    settings = resolve({"model": "of-flag"}, env)
    assert (settings.model, settings.sources["model"]) == ("of-flag", "flag --model")
    assert (settings.temperature, settings.sources["temperature"]) == (0.5, "env MIRA_TEMPERATURE")
    assert (settings.stop, settings.sources["stop"]) == (("a",), "config.toml")


def test_an_empty_variable_is_not_set(home):
    settings = resolve({}, {**home, "MIRA_MODEL": "", "MIRA_TEMPERATURE": ""})
    assert settings.sources["model"] == settings.sources["temperature"] == "default"


def test_a_flag_may_be_empty_where_text_may(home):
    write(home, 'system = "Be brief."\n')
    settings = resolve({"system": ""}, home)
    assert (settings.system, settings.sources["system"]) == ("", "flag --system")


def test_a_bad_line_says_file_and_line(home):
    write(home, '# one\nmodel = "mira"\ntemperature = 9\n')
    with pytest.raises(ConfigError) as caught:
        resolve({}, home)
    assert caught.value.message == "temperature must be 0 to 2, not 9 (from config.toml line 3)."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[model]\nx = 1\n", "model must be text, not a table (from config.toml line 1)."),
        ("vi = true\n\n[[ model ]]\n", "model must be text, not [{}] (from config.toml line 3)."),
        (
            f"max_tokens = 0x{'f' * 4000}\n",
            "max_tokens must be at most 9223372036854775807, not a huge number (from config.toml line 1).",
        ),
        ("model.x = 1\n", "model must be text, not a table (from config.toml line 1)."),
        (
            'temperature = ["a", true]\n',
            'temperature must be 0 to 2, not ["a", true] (from config.toml line 1).',
        ),
    ],
)
def test_a_table_or_a_list_in_the_place_of_a_value(home, text, message):
    write(home, text)
    with pytest.raises(ConfigError) as caught:
        resolve({}, home)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("given", "like"), [("monokia", "monokai"), ("solarized", "solarized-dark"), ("x", "monokai")]
)
def test_a_theme_that_is_not_there_is_told_with_the_nearest_one(home, given, like):
    with pytest.raises(UsageError) as caught:
        resolve({"theme": given}, home)
    assert caught.value.message == (
        f"--theme must be auto, light, dark, ansi or a Pygments style like {like}, not {given}."
    )


def test_a_flag_gets_round_a_bad_line(home):
    write(home, "temperature = 9\n")
    assert resolve({"temperature": 1}, home).temperature == 1


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"temperature": "9"}, "--temperature: 9 is out of range 0 to 2."),
        ({"max_tokens": 0}, "--max-tokens: 0 is out of range: 1 or more."),
        ({"temperature": "hot"}, "--temperature must be 0 to 2, not hot."),
        ({"model": ""}, "--model must not be empty."),
        ({"base_url": "x"}, "--base-url must begin with https://."),
    ],
)
def test_a_bad_flag_is_named(home, flags, message):
    with pytest.raises(UsageError) as caught:
        resolve(flags, home)
    assert caught.value.message == message


def test_a_bad_variable_is_named(home):
    with pytest.raises(ConfigError) as caught:
        resolve({}, {**home, "MIRA_RETRIES": "many"})
    assert caught.value.message == "retries must be a whole number, 0 to 100, not many (from MIRA_RETRIES)."
    assert "MIRA_RETRIES" in caught.value.hint


def test_http_is_refused_beyond_this_machine(home):
    with pytest.raises(ConfigError) as caught:
        resolve({}, {**home, "MIRA_BASE_URL": "http://api.vmira.ai"})
    assert "https://" in caught.value.message
    assert caught.value.exit_code == 2


def test_a_long_value_is_cut_in_the_message(home):
    with pytest.raises(UsageError) as caught:
        resolve({"temperature": "9" * 500 + "x"}, home)
    assert len(caught.value.message) < 120


def test_unknown_keys_warn_with_the_nearest_name(home):
    write(home, 'model = "mira"\nmodell = "x"\n\n[profile]\nzzzz = 1\n')
    settings = resolve({}, home)
    assert settings.model == "mira"
    assert settings.warnings == (
        "config.toml line 2: no setting 'modell'; did you mean 'model'?",
        "config.toml line 4: no setting 'profile'; ignored.",
    )


def test_a_long_name_is_cut_in_its_warning(home):
    write(home, f"{'x' * 5000} = 1\n")
    (warning,) = resolve({}, home).warnings
    assert len(warning) < 120


def test_a_key_in_config_toml_is_not_used_and_not_repeated(home):
    write(home, 'key = "sk-mira-secret"\n')
    (warning,) = resolve({}, home).warnings
    assert "config set key" in warning
    assert "secret" not in warning


def test_set_in_a_chat(home):
    settings = resolve({}, home).with_value("temperature", "0.3")
    assert (settings.temperature, settings.sources["temperature"]) == (0.3, "/set")
    with pytest.raises(UsageError) as caught:
        settings.with_value("temperature", "9")
    assert caught.value.message == "temperature must be 0 to 2, not 9."
