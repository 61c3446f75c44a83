"""The key: found, checked, masked, bound to its origin, and never repeated."""

from __future__ import annotations

import os
import stat
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mira_cli.errors import AuthError, ConfigError, MiraError
from mira_cli.settings import keys
from mira_cli.settings.resolve import resolve

KEY = "sk-mira-" + "1a2b3c4d5e" * 4
OTHER = "sk-mira-" + "0123456789" * 4


@pytest.fixture
def home(tmp_path):
    """The environment of a config directory of our own."""
    return {"MIRA_CONFIG_DIR": str(tmp_path / "mira"), "PATH": os.environ["PATH"]}


@pytest.fixture
def warnings():
    """Warnings, as they come."""
    return []


def find(env, warnings, **flags):
    return keys.lookup(resolve(flags, env), env, warnings.append)


def store(env, key=KEY, origin="https://api.vmira.ai"):
    keys.store(resolve({}, env).paths, origin, key, print)
    return resolve({}, env).paths.key_file


@pytest.mark.parametrize(
    "given", [KEY, f" {KEY}\n", f'"{KEY}"', f"'{KEY}'\r\n", f"\ufeff{KEY}", f"“{KEY}”", f"\u00a0{KEY}\u200b"]
)
def test_what_is_around_a_key_is_dropped(given):
    assert keys.check(given) == KEY


def test_keys_of_any_length_and_age_are_taken():
    for tail in ("a", "A" * 43, "-_" * 20):
        assert keys.check("sk-mira-" + tail) == "sk-mira-" + tail


@pytest.mark.parametrize("given", ["sk-proj-abc", "hello", "", "SK-MIRA-abc", "Bearer sk-mira-abc"])
def test_what_does_not_begin_like_a_key_is_refused(given):
    with pytest.raises(AuthError) as caught:
        keys.check(given, "MIRA_API_KEY")
    assert caught.value.message == "That does not look like a Mira key; they start with sk-mira-."
    assert "MIRA_API_KEY" in caught.value.hint
    assert caught.value.exit_code == 4


@pytest.mark.parametrize("tail", ["", "abc\nX-Evil: 1", "abc def", "ключ", "abc\x00", "a=b", "abc\udcff"])
def test_what_a_key_cannot_hold_is_refused_and_not_repeated(tail):
    with pytest.raises(AuthError) as caught:
        keys.check(f"sk-mira-{tail}")
    assert "letters, digits" in caught.value.message
    assert not tail or tail not in caught.value.message + caught.value.hint


def test_what_is_shown_of_a_key_is_its_mask():
    key = keys.Key(KEY, keys.VARIABLE)
    assert key.mask == "sk-mira-1a2b3c4d…"
    assert KEY not in repr(key) + str(key)


def test_without_a_key_it_is_said_how_to_set_one(home, warnings):
    assert find(home, warnings) is None
    assert keys.missing().message == "No API key. Set MIRA_API_KEY, or run: mira config set key"


def test_the_variable_comes_first_then_the_command_then_the_file(home, warnings):
    def found():
        key = find(home, warnings)
        return key.value, key.source

    store(home)
    assert found() == (KEY, "the key file")
    home["MIRA_KEY_COMMAND"] = f"echo {OTHER}"
    assert found() == (OTHER, "key_command")
    home["MIRA_API_KEY"] = "sk-mira-third"
    assert found() == ("sk-mira-third", "MIRA_API_KEY")
    assert warnings == []


@pytest.mark.parametrize("value", ["", "  ", '""', "\n"])
def test_an_empty_variable_is_none(home, warnings, value):
    store(home)
    assert find({**home, "MIRA_API_KEY": value}, warnings).source == "the key file"


def test_each_source_says_how_to_set_another():
    assert "MIRA_API_KEY" in keys.REPLACING[keys.VARIABLE]
    assert "key_command" in keys.REPLACING[keys.COMMAND]
    assert "mira config set key" in keys.REPLACING[keys.STORED]


def test_a_foreign_value_of_the_variable_is_not_passed_over(home, warnings):
    store(home)
    with pytest.raises(AuthError) as caught:
        find({**home, "MIRA_API_KEY": "foreign-secret"}, warnings)
    assert "foreign-secret" not in caught.value.message + caught.value.hint


def test_the_stored_key_goes_to_its_own_origin_only(home, warnings):
    store(home)
    with pytest.raises(AuthError) as caught:
        find(home, warnings, base_url="http://127.0.0.1:8080")
    assert "https://api.vmira.ai" in caught.value.message
    assert "http://127.0.0.1:8080" in caught.value.message
    assert KEY not in caught.value.message + caught.value.hint
    store(home, OTHER, "http://127.0.0.1:8080")
    assert find(home, warnings, base_url="http://127.0.0.1:8080/v1/").value == OTHER
    assert find(home, warnings).value == KEY


@pytest.mark.parametrize(
    "other",
    ["https://api.vmira.ai.evil.example", "https://api.vmira.ai:444", "https://vmira.ai", "http://localhost"],
)
def test_an_origin_that_only_looks_like_it_gets_nothing(home, warnings, other):
    store(home)
    with pytest.raises(AuthError):
        find(home, warnings, base_url=other)


def test_a_key_of_its_own_for_each_origin_and_one_forgotten(home, warnings):
    path = store(home)
    store(home, OTHER, "https://other.example")
    paths = resolve({}, home).paths
    assert keys.store(paths, "https://api.vmira.ai", "", warnings.append)
    assert not keys.store(paths, "https://api.vmira.ai", "", warnings.append)
    assert keys.load(path, warnings.append) == {"https://other.example": OTHER}


def test_of_a_huge_file_only_the_beginning_is_read(home, warnings):
    path = store(home)
    with Path(path).open("a", encoding="utf-8") as file:
        file.write("# not a key\n" * 100_000)
    tracemalloc.start()
    try:
        assert keys.load(path, warnings.append) == {"https://api.vmira.ai": KEY}
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_file_with_a_key_alone_is_for_the_api(home, warnings):
    path = store(home)
    with Path(path).open("w", encoding="utf-8") as file:
        file.write(f"\ufeff# mine\n\n{KEY}\n")
    assert find(home, warnings).value == KEY


@pytest.mark.parametrize("written", ["https://api.vmira.ai/v1 {}", "\thttps://api.vmira.ai\t{} ", "{}"])
def test_a_line_of_the_file_as_a_person_may_write_it(home, warnings, written):
    with Path(store(home)).open("w", encoding="utf-8") as file:
        file.write(written.format(KEY))
    assert find(home, warnings).value == KEY


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_the_file_is_private_whatever_the_umask(home, umask):
    before = os.umask(umask)
    try:
        path = store(home)
    finally:
        os.umask(before)
    assert stat.S_IMODE(Path(path).stat().st_mode) == 0o600
    assert stat.S_IMODE(Path(path).parent.stat().st_mode) == 0o700


def test_a_file_that_others_can_read_is_made_private_and_that_is_said_once(home, warnings):
    path = store(home)
    Path(path).chmod(0o644)
    assert find(home, warnings).value == KEY
    assert stat.S_IMODE(Path(path).stat().st_mode) == 0o600
    assert len(warnings) == 1
    assert path in warnings[0]
    find(home, warnings)
    assert len(warnings) == 1


def test_a_file_of_somebody_else_is_refused(home, warnings, monkeypatch):
    path = store(home)
    monkeypatch.setattr(os, "geteuid", lambda: Path(path).stat().st_uid + 1)
    with pytest.raises(AuthError) as caught:
        find(home, warnings)
    assert "another user" in caught.value.message
    with pytest.raises(AuthError):
        store(home, OTHER)


def test_a_link_is_followed_and_stays(home, warnings, tmp_path):
    real = tmp_path / "real"
    real.write_text(f"https://api.vmira.ai {OTHER}\n")
    real.chmod(0o600)
    Path(home["MIRA_CONFIG_DIR"]).mkdir()
    link = Path(home["MIRA_CONFIG_DIR"], "key")
    link.symlink_to(real)
    assert find(home, warnings).value == OTHER
    store(home)
    assert link.is_symlink()
    assert KEY in real.read_text()
    assert stat.S_IMODE(real.stat().st_mode) == 0o600


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_what_is_no_file_is_refused(home, warnings, make):
    Path(home["MIRA_CONFIG_DIR"]).mkdir()
    make(Path(home["MIRA_CONFIG_DIR"], "key"))
    with pytest.raises(AuthError) as caught:
        find(home, warnings)
    assert "is not a file" in caught.value.message


@pytest.mark.parametrize(
    "line",
    [b"https://api.vmira.ai \xff\xfe-secret", b"my secret key", b"https://api.vmira.ai a secret b"],
    ids=["bytes", "words", "words behind an origin"],
)
def test_a_broken_stored_key_is_named_and_not_repeated(home, warnings, line):
    path = store(home)
    with Path(path).open("wb") as file:
        file.write(line + b"\n")
    with pytest.raises(AuthError) as caught:
        find(home, warnings)
    assert "the key file" in caught.value.hint
    assert "secret" not in caught.value.message + caught.value.hint


def test_a_command_gets_no_key_and_no_shell(home, tmp_path):
    script = tmp_path / "script"
    script.write_text(
        f'#!/bin/sh\nif [ "$MIRA_API_KEY" ]; then exit 3; fi\n[ "$1" = "a;b c" ] && echo && echo "{KEY}" && echo note\n'
    )
    script.chmod(0o700)
    env = {**home, "MIRA_API_KEY": "sk-mira-env"}
    assert keys.check(keys.run_command(f"{script} 'a;b c'", env)) == KEY


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("false", "code 1"),
        ("true", "printed nothing"),
        ("/nowhere/at-all", "No such file"),
        ("sh -c 'echo secret; exit 7'", "code 7"),
        ("''", "could not be started"),
        ("/", "could not be started"),
    ],
)
def test_a_command_that_fails_is_named_and_its_output_is_not(home, warnings, command, says):
    with pytest.raises(AuthError) as caught:
        find({**home, "MIRA_KEY_COMMAND": command}, warnings)
    assert says in caught.value.message
    assert "secret" not in caught.value.message + caught.value.hint


def test_a_command_that_cannot_be_split(home, warnings):
    with pytest.raises(ConfigError):
        find({**home, "MIRA_KEY_COMMAND": "pass 'show"}, warnings)


def test_a_command_that_prints_something_else_is_not_repeated(home, warnings):
    with pytest.raises(AuthError) as caught:
        find({**home, "MIRA_KEY_COMMAND": "echo my-bank-password"}, warnings)
    assert "bank" not in caught.value.message + caught.value.hint
    assert "key_command" in caught.value.hint


@pytest.mark.parametrize("command", ["sleep 60", "sh -c 'sleep 60 & wait'", "sh -c 'exec >&-; sleep 60'"])
def test_a_command_that_does_not_end(home, command):
    with pytest.raises(AuthError) as caught:
        keys.run_command(command, home, timeout=0.2)
    assert "did not end within 0.2 s" in caught.value.message


@pytest.mark.parametrize("rest", ["", "; echo more"])
def test_what_a_command_leaves_running_does_not_keep_its_key(home, rest):
    assert keys.run_command(f"sh -c 'sleep 15 & echo {KEY}{rest}'", home, timeout=5.0) == KEY


def test_a_command_that_prints_for_ever_is_stopped(home):
    with pytest.raises(AuthError) as caught:
        keys.run_command("yes", home, timeout=0.2)
    assert "did not end within 0.2 s" in caught.value.message


def test_a_command_that_a_signal_ends(home):
    with pytest.raises(AuthError) as caught:
        keys.run_command("sh -c 'kill -TERM $$'", home)
    assert caught.value.message == "key_command was ended by signal 15."


@pytest.mark.parametrize(
    "command",
    [
        "echo secret | head -1",
        "cat ~/key",
        "cat $HOME/key",
        "$HOME/bin/key",
        "~/bin/key",
        "/nowhere/key",
        "echo $KEY",
        "echo `pass show mira`",
        "false && true",
        "sh -c 'exit 1'",
    ],
)
def test_a_command_that_fails_says_that_it_runs_without_a_shell(home, warnings, command):
    with pytest.raises(AuthError) as caught:
        find({**home, "MIRA_KEY_COMMAND": command}, warnings)
    assert caught.value.hint == "key_command runs without a shell. For pipes, ~ or $VARIABLES use: sh -c '…'"


def test_the_hint_about_the_shell_works(home, warnings):
    home["MIRA_KEY_COMMAND"] = f"sh -c 'printf \"{KEY}\\nmore\\n\" | head -1'"
    assert find(home, warnings).value == KEY


def test_a_directory_that_cannot_be_written_is_one_clear_line(home, tmp_path):
    for _ in range(2):  # the second one loads all that reading needs, too
        store(home)
    paths = resolve({}, home).paths
    me = os.geteuid()
    if me == 0:  # root may write anywhere: be somebody else for a moment
        for path in (tmp_path, *tmp_path.parents):
            if path.stat().st_uid == 0 and not path.stat().st_mode & 0o001:
                path.chmod(0o711)
        for path in (paths.config_dir, paths.key_file):
            os.chown(path, 65534, 65534)
    Path(paths.config_dir).chmod(0o500)
    try:
        if me == 0:
            os.seteuid(65534)
        with pytest.raises(ConfigError) as caught:
            store(home, OTHER)
        assert keys.load(paths.key_file, print) == {"https://api.vmira.ai": KEY}
    finally:
        os.seteuid(me)
        Path(paths.config_dir).chmod(0o700)
    assert caught.value.message == f"Cannot write {paths.key_file}: Permission denied."


@settings(max_examples=200, deadline=None)
@given(st.text(min_size=9, max_size=60))
def test_no_error_repeats_what_was_no_key(text):
    shown = ""
    try:
        key = keys.check(f"sk-mira-{text}", "MIRA_API_KEY")
    except MiraError as error:
        key = "none"
        shown = error.message + error.hint
    assert key.isascii()
    assert key.isprintable()
    assert text not in shown
