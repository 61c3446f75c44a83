"""`mira config` as it is typed: names, options, exit codes, what stands where."""

from __future__ import annotations

import json
from io import BytesIO

import pytest

from mira_cli.app import run
from rig.streams import buffered

KEY = "sk-mira-" + "1a2b3c4d5e" * 4
COMMANDS = ("list", "get", "set", "unset", "edit", "path", "check")


@pytest.fixture
def mira(tmp_path):
    """Run `mira config …`: code, standard output, standard error."""
    env = {"MIRA_CONFIG_DIR": str(tmp_path / "mira"), "MIRA_BASE_URL": "http://127.0.0.1:9"}

    def config(*args, stdin=None, **variables):
        stdout, stderr = BytesIO(), BytesIO()
        source = None if stdin is None else BytesIO(stdin)
        streams = buffered(source, stdout, stderr, env=env)
        code = run(["config", *args], {**env, **variables}, streams)
        return code, stdout.getvalue().decode(), stderr.getvalue().decode()

    return config


def test_list_tells_each_value_and_its_source(mira):
    code, out, err = mira("list")
    assert (code, err) == (0, "")
    assert "model\tmira\tdefault\n" in out
    assert "base_url\thttp://127.0.0.1:9/v1\tenv MIRA_BASE_URL\n" in out
    assert json.loads(mira("list", "--json")[1])["model"] == {"value": "mira", "source": "default"}


def test_a_theme_that_is_not_there_is_not_stored(mira):
    code, out, err = mira("set", "theme", "monokia")
    assert (code, out) == (2, "")
    assert "theme must be auto, light, dark, ansi or a Pygments style like monokai, not monokia." in err
    assert mira("get", "theme")[1] == "auto\n"
    assert mira("set", "theme", "monokai")[0] == 0


def test_set_get_unset(mira):
    assert mira("set", "model", "mira-pro")[:2] == (0, "")
    assert mira("get", "model") == (0, "mira-pro\n", "")
    assert mira("unset", "model")[:2] == (0, "")
    assert mira("get", "model") == (0, "mira\n", "")
    assert mira("get", "temperature") == (1, "", "")


def test_a_value_may_begin_with_a_dash(mira):
    code, out, err = mira("set", "temperature", "-1")
    assert (code, out) == (2, "")
    assert err == "mira: temperature must be 0 to 2, not -1.\n"
    assert mira("set", "system", "--brief")[0] == 0
    assert mira("get", "system")[1] == "--brief\n"


def test_an_unknown_name(mira):
    code, out, err = mira("set", "modell", "x")
    assert (code, out, err) == (2, "", "mira: No setting 'modell'. Did you mean 'model'?\n")


def test_a_key_is_stored_and_shown_masked(mira):
    code, out, err = mira("set", "key", stdin=f"{KEY}\n".encode())
    assert (code, out) == (0, "")
    assert KEY not in err
    assert mira("get", "key") == (0, "sk-mira-1a2b3c4d…\n", "")
    assert mira("get", "key", "--reveal") == (0, f"{KEY}\n", "")
    code, out, err = mira("set", "key", stdin=b"nonsense")
    assert code == 4
    assert err.startswith("mira: That does not look like a Mira key; they start with sk-mira-.\n")
    assert mira("get", "key", "--reveal") == (0, f"{KEY}\n", "")
    assert mira("unset", "key")[0] == 0
    assert mira("get", "key") == (1, "", "")


def test_an_empty_key_is_no_key_in_the_history(mira):
    code, out, err = mira("set", "key", " ", stdin=f"{KEY}\n".encode())
    assert (code, out) == (4, "")
    assert err.startswith("mira: No key was given.\n")
    code, _, err = mira("set", "key", KEY)
    assert (code, "shell history" in err, KEY in err) == (0, True, False)


def test_what_goes_before_a_stored_key_is_said(mira):
    assert mira("set", "key_command", "pass show mira")[0] == 0
    assert "key_command is set and overrides it." in mira("set", "key", stdin=KEY.encode())[2]
    assert mira("unset", "key_command")[0] == 0
    assert "overrides it" not in mira("set", "key", stdin=KEY.encode())[2]
    stderr = mira("set", "key", stdin=KEY.encode(), MIRA_API_KEY=KEY, MIRA_KEY_COMMAND="true")[2]
    assert stderr.count("overrides it") == 1
    assert "MIRA_API_KEY is set and overrides it." in stderr


def test_a_key_that_another_setting_holds_is_not_shown(mira):
    assert mira("set", "key_command", f"echo {KEY}")[0] == 0
    assert mira("set", "stop", f'["a", "{KEY}"]')[0] == 0
    for shown in (mira("list"), mira("list", "--json"), mira("get", "key_command"), mira("get", "stop")):
        assert shown[0] == 0
        assert KEY[:16] in shown[1]
        assert KEY not in shown[1]
    assert mira("get", "key_command", "--reveal")[1] == f"echo {KEY}\n"


def test_path_prints_where_the_files_are(mira, tmp_path):
    assert mira("path") == (0, f"{tmp_path}/mira/config.toml\n", "")
    assert mira("path", "--key") == (0, f"{tmp_path}/mira/key\n", "")


def test_edit_opens_the_file_in_the_editor(mira, tmp_path):
    assert mira("edit", EDITOR="true", PATH="/usr/bin:/bin") == (0, "", "")
    assert (tmp_path / "mira" / "config.toml").exists()
    assert mira("edit", EDITOR="false", PATH="/usr/bin:/bin")[0] == 2


def test_a_broken_file_is_named_and_can_still_be_found_and_edited(mira, tmp_path):
    (tmp_path / "mira").mkdir()
    (tmp_path / "mira" / "config.toml").write_text('vi = true\nmodel "x"\n')
    for args in (("list",), ("get", "model"), ("set", "model", "x"), ("unset", "model")):
        code, out, err = mira(*args)
        assert (code, out) == (2, "")
        assert err.startswith(f"mira: {tmp_path}/mira/config.toml line 2, column 7: ")
        assert err.count("\n") == 2
    assert mira("path")[0] == 0
    assert mira("edit", EDITOR="sed -i d", PATH="/usr/bin:/bin")[0] == 0
    assert mira("list")[0] == 0


def test_check_with_a_bad_flag(mira):
    code, out, err = mira("check", "--timeout", "x")
    assert (code, out) == (2, "")
    assert err == "mira: --timeout must be more than 0 seconds, not x.\n"


def test_check_names_what_failed_and_exits_with_its_code(mira):
    code, out, _ = mira("check")
    assert code == 4
    assert "key\tfailed\tNo API key. Set MIRA_API_KEY, or run: mira config set key\n" in out
    code, out, _ = mira("check", "--json", MIRA_API_KEY=KEY)
    assert code == 3
    assert json.loads(out)["code"] == 3


@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_narrow_and_has_two_examples(name, mira):
    shown = mira(name, "--help")[1]
    assert max(map(len, shown.splitlines())) <= 80
    examples = shown.partition("Examples:\n")[2].partition("\n\n")[0].splitlines()
    assert len(examples) == 2
    assert all(f"mira config {name}" in line for line in examples)


def test_the_commands_are_all_there(mira):
    code, shown, _ = mira("--help")
    assert code == 0
    assert all(f"  {name} " in shown for name in COMMANDS)


@pytest.mark.parametrize("quote", ['"{}"', "'{}'", ' "{}"\n', "{}"])
def test_quotes_that_an_env_file_leaves_are_dropped(mira, quote):
    given = {
        "MIRA_BASE_URL": "http://127.0.0.1:9/v1",
        "MIRA_MODEL": "mira-pro",
        "MIRA_TEMPERATURE": "0.5",
        "MIRA_MAX_TOKENS": "7",
        "MIRA_STREAM": "off",
        "MIRA_COLOR": "never",
        "MIRA_THEME": "dark",
        "MIRA_TIMEOUT": "3",
        "MIRA_API_KEY": KEY,
    }
    code, out, err = mira("list", "--json", **{name: quote.format(value) for name, value in given.items()})
    assert (code, err) == (0, "")
    listed = {name: row["value"] for name, row in json.loads(out).items() if row["source"].startswith("env ")}
    assert listed == {
        "key": "sk-mira-1a2b3c4d…",
        "base_url": "http://127.0.0.1:9/v1",
        "model": "mira-pro",
        "temperature": 0.5,
        "max_tokens": 7,
        "stream": False,
        "color": "never",
        "theme": "dark",
        "timeout": 3.0,
    }
