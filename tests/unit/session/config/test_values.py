"""`mira config` without the command line around it."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import pytest

from mira_cli.errors import AuthError, ConfigError, UsageError
from mira_cli.session.config import values
from mira_cli.settings.table import SETTINGS
from rig.streams import buffered

KEY = "sk-mira-" + "1a2b3c4d5e" * 4


class Bench:
    """Streams of bytes, an environment with a config directory of its own, and what came of it."""

    def __init__(self, directory):
        self.env = {"MIRA_CONFIG_DIR": str(directory)}
        self.config = directory / "config.toml"
        self.key = directory / "key"
        self.reset()

    def reset(self, stdin=None, **facts):
        self.stdout, self.stderr = BytesIO(), BytesIO()
        source = None if stdin is None else BytesIO(stdin)
        self.streams = buffered(source, self.stdout, self.stderr, env=self.env, **facts)

    def __call__(self, what, *args, **options):
        self.reset(**{name: options.pop(name) for name in ("stdin", "out_tty") if name in options})
        return what(self.streams, self.env, *args, **options)

    @property
    def out(self):
        return self.stdout.getvalue().decode()

    @property
    def err(self):
        return self.stderr.getvalue().decode()


@pytest.fixture
def bench(tmp_path):
    """A config directory that is not there yet."""
    return Bench(tmp_path / "mira")


def test_get_prints_the_value_in_force(bench):
    assert bench(values.get, "model") == 0
    assert bench.out == "mira\n"
    bench.env["MIRA_MODEL"] = "mira-max"
    bench(values.get, "model")
    assert bench.out == "mira-max\n"
    assert bench(values.get, "timeout") == 0
    assert bench.out == "120\n"


def test_get_of_what_is_set_nowhere_is_silent_and_says_no(bench):
    for name in ("temperature", "system", "stop", "key", "key_command"):
        assert bench(values.get, name) == 1
        assert bench.out + bench.err == ""


def test_get_of_a_false_switch_says_so(bench):
    assert bench(values.get, "vi") == 0
    assert bench.out == "false\n"


def test_get_of_what_is_set_to_nothing_is_an_empty_line(bench):
    bench(values.set_value, "system", "")
    assert bench(values.get, "system") == 0
    assert bench.out == "\n"


def test_get_is_one_line_even_for_many(bench):
    bench(values.set_value, "system", "one\ntwo")
    bench(values.get, "system")
    assert bench.out == "one\\ntwo\n"


def test_get_is_not_stopped_by_another_bad_line(bench):
    bench.config.parent.mkdir()
    bench.config.write_text('temperature = 9\nmodel = "x"\n')
    assert bench(values.get, "model") == 0
    with pytest.raises(ConfigError):
        bench(values.get, "temperature")


def test_unknown_names_are_refused_with_the_nearest(bench):
    for what, args in ((values.get, ()), (values.set_value, ("x",)), (values.unset, ())):
        with pytest.raises(UsageError) as caught:
            bench(what, "modell", *args)
        assert caught.value.message == "No setting 'modell'. Did you mean 'model'?"


def test_set_and_unset(bench):
    bench(values.set_value, "temperature", "0.5")
    assert bench.out == ""
    assert str(bench.config) in bench.err
    assert bench.config.read_text() == "temperature = 0.5\n"
    bench(values.unset, "temperature")
    assert bench.config.read_text() == ""
    bench(values.unset, "temperature")
    assert "not set" in bench.err


def test_set_takes_dashes(bench):
    bench(values.set_value, "max-tokens", "5")
    assert bench.config.read_text() == "max_tokens = 5\n"


def test_set_refuses_a_bad_value_and_writes_nothing(bench):
    with pytest.raises(UsageError) as caught:
        bench(values.set_value, "temperature", "9")
    assert caught.value.message == "temperature must be 0 to 2, not 9."
    assert not bench.config.exists()


def test_set_mends_a_bad_line(bench):
    bench.config.parent.mkdir()
    bench.config.write_text("temperature = 9 # hot\n")
    bench(values.set_value, "temperature", "1")
    assert bench.config.read_text() == "temperature = 1 # hot\n"


def test_set_reads_a_value_from_a_pipe(bench):
    bench(values.set_value, "system", None, stdin="Будь краток.\nОчень.\n".encode())
    bench(values.get, "system")
    assert bench.out == "Будь краток.\\nОчень.\n"


@pytest.mark.parametrize("stdin", [None, b"", b"\n"])
def test_set_without_a_value(bench, stdin):
    with pytest.raises(UsageError) as caught:
        bench(values.set_value, "model", None, stdin=stdin)
    assert caught.value.message == "No value for model."


def test_set_says_when_a_variable_goes_before_it(bench):
    bench.env["MIRA_MODEL"] = "other"
    bench(values.set_value, "model", "x")
    assert "MIRA_MODEL is set and overrides it" in bench.err
    bench(values.unset, "model")
    assert "MIRA_MODEL is still set" in bench.err


def test_list_in_a_pipe_is_separated_by_tabs(bench):
    bench.env["MIRA_MODEL"] = "mira-pro"
    bench(values.set_value, "stop", '["a", "b"]')
    bench(values.show_list)
    rows = [line.split("\t") for line in bench.out.splitlines()]
    assert [row[0] for row in rows] == [setting.name for setting in SETTINGS]
    assert ["model", "mira-pro", "env MIRA_MODEL"] in rows
    assert ["stop", '["a", "b"]', "config.toml"] in rows
    assert ["timeout", "120", "default"] in rows
    assert ["key", "", "default"] in rows


def test_list_on_a_terminal_is_aligned(bench):
    bench.env["COLUMNS"] = "60"
    bench(values.set_value, "system", "long " * 40)
    bench(values.show_list, out_tty=True)
    lines = bench.out.splitlines()
    assert "\t" not in bench.out
    assert len({line.index("default") for line in lines if line.endswith("default")}) == 1
    assert max(map(len, lines)) <= 80


def test_list_as_json(bench):
    bench(values.set_value, "key", KEY)
    bench(values.show_list, as_json=True)
    listed = json.loads(bench.out)
    assert bench.out.count("\n") == 1
    assert listed["model"] == {"value": "mira", "source": "default"}
    assert listed["temperature"] == {"value": None, "source": "default"}
    assert listed["stop"] == {"value": [], "source": "default"}
    assert listed["key"] == {"value": "sk-mira-1a2b3c4d…", "source": "the key file"}
    assert bench.out.isascii()


def test_list_warns_of_unknown_keys(bench):
    bench.config.parent.mkdir()
    bench.config.write_text("modell = 1\n")
    bench(values.show_list)
    assert "did you mean 'model'?" in bench.err


def test_path_reads_nothing(bench):
    bench.config.mkdir(parents=True)
    bench(values.show_path)
    assert bench.out == f"{bench.config}\n"
    bench(values.show_path, key=True)
    assert bench.out == f"{bench.key}\n"


def editor(directory, script):
    path = directory / "my editor"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    return f"'{path}' --wait"


def test_edit_starts_from_a_template_and_takes_an_editor_with_options(bench, tmp_path):
    bench.env["EDITOR"] = editor(
        tmp_path, '[ "$1" = --wait ] && cp "$2" "$2.seen" && echo "vi = true" >> "$2"'
    )
    bench(values.edit)
    assert "# model = " in Path(f"{bench.config}.seen").read_text()
    assert bench.config.read_text().endswith("vi = true\n")
    assert bench.config.stat().st_mode & 0o777 == 0o600
    assert bench.out == ""


def test_visual_goes_before_editor_and_neither_gets_the_key(bench, tmp_path):
    bench.env |= {"EDITOR": "false", "MIRA_API_KEY": KEY}
    bench.env["VISUAL"] = editor(tmp_path, 'env > "$2.env"')
    bench(values.edit)
    assert "MIRA_API_KEY" not in Path(f"{bench.config}.env").read_text()


@pytest.mark.parametrize(
    ("written", "says"),
    [("model =", "line 1, column"), ("temperature = 9", "(from config.toml line 1)")],
)
def test_edit_checks_afterwards(bench, tmp_path, written, says):
    bench.env["EDITOR"] = editor(tmp_path, f'echo "{written}" > "$2"')
    with pytest.raises(ConfigError) as caught:
        bench(values.edit)
    assert says in caught.value.message
    bench.env["EDITOR"] = editor(tmp_path, 'echo "modell = 1" > "$2"')
    bench(values.edit)
    assert "did you mean 'model'" in bench.err


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("false", "The editor 'false' exited with code 1."),
        ("sh -c 'kill -TERM $$'", "was ended by signal 15"),
        ("/nowhere/editor", "No such file"),
        ("ed 'itor", "No closing quotation"),
    ],
)
def test_an_editor_that_fails(bench, command, says):
    bench.env |= {"EDITOR": command, "PATH": "/usr/bin:/bin"}
    with pytest.raises(ConfigError) as caught:
        bench(values.edit)
    assert says in caught.value.message
    assert "EDITOR" in caught.value.hint


def test_edit_of_a_file_that_cannot_be_looked_at(bench):
    bench.config.parent.mkdir(parents=True)
    bench.config.symlink_to("a" * 300)
    with pytest.raises(ConfigError, match=r"Cannot write .*config\.toml: File name too long"):
        bench(values.edit)


def test_edit_of_a_directory(bench):
    bench.config.mkdir(parents=True)
    with pytest.raises(ConfigError) as caught:
        bench(values.edit)
    assert "Is a directory" in caught.value.message


def test_the_key_is_set_shown_and_taken_away(bench):
    bench(values.set_value, "key", None, stdin=f'  "{KEY}"\n'.encode())
    assert KEY not in bench.err
    assert "Saved key sk-mira-1a2b3c4d… for https://api.vmira.ai." in bench.err
    assert bench.key.stat().st_mode & 0o777 == 0o600
    assert not bench.config.exists()
    assert bench(values.get, "key") == 0
    assert bench.out == "sk-mira-1a2b3c4d…\n"
    assert bench(values.get, "key", reveal=True) == 0
    assert bench.out == f"{KEY}\n"
    bench(values.unset, "key")
    assert bench(values.get, "key") == 1


def test_a_key_as_an_argument_works_and_warns(bench):
    bench(values.set_value, "key", KEY)
    assert "shell history" in bench.err
    assert bench(values.get, "key") == 0


@pytest.mark.parametrize("value", ["nonsense", "", "sk-mira-"])
def test_a_malformed_key_is_refused_and_nothing_is_stored(bench, value):
    with pytest.raises(AuthError):
        bench(values.set_value, "key", value)
    assert not bench.key.exists()


@pytest.mark.parametrize("stdin", [None, b"", b" \n"])
def test_no_key_where_nobody_can_type(bench, stdin):
    with pytest.raises(AuthError) as caught:
        bench(values.set_value, "key", None, stdin=stdin)
    assert caught.value.message == "No key was given."


def test_a_key_of_an_odd_length_is_stored_with_a_word(bench):
    bench(values.set_value, "key", None, stdin=b"sk-mira-short")
    assert "13 characters" in bench.err
    assert bench.key.exists()


def test_a_key_is_stored_for_the_base_url_in_force(bench):
    bench.env["MIRA_BASE_URL"] = "http://127.0.0.1:8080"
    bench(values.set_value, "key", None, stdin=KEY.encode())
    assert f"http://127.0.0.1:8080 {KEY}\n" in bench.key.read_text()
    del bench.env["MIRA_BASE_URL"]
    with pytest.raises(AuthError):
        bench(values.get, "key")
    bench(values.unset, "key")
    assert "only for http://127.0.0.1:8080" in bench.err
    bench(values.show_list)
    assert "it is not sent to https://api.vmira.ai" in bench.out


def test_list_does_not_show_a_foreign_key_nor_start_a_command(bench, tmp_path):
    bench.env["MIRA_API_KEY"] = "foreign-secret"
    bench(values.show_list)
    assert "foreign-secret" not in bench.out + bench.err
    assert "env MIRA_API_KEY" in bench.out
    bench.env["MIRA_API_KEY"] = ""
    bench.env["MIRA_KEY_COMMAND"] = f"touch '{tmp_path}/started'"
    bench(values.show_list)
    assert "(printed by key_command)\tkey_command" in bench.out
    assert not (tmp_path / "started").exists()


def test_a_key_in_the_variable_is_masked(bench):
    bench.env["MIRA_API_KEY"] = KEY
    bench(values.show_list)
    assert "key\tsk-mira-1a2b3c4d…\tenv MIRA_API_KEY\n" in bench.out
    bench(values.set_value, "key", None, stdin=KEY.encode())
    assert "MIRA_API_KEY is set and overrides it" in bench.err
