"""Saved prompts: `mira prompts`, -p in ask, chat and batch, /prompt, the setting and its variable."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def saved(tmp_path):
    """A directory of prompts with two in it."""
    folder = tmp_path / "config" / "prompts"
    folder.mkdir(parents=True)
    (folder / "review.md").write_text("\n# Review\nFind what is wrong.\n\n")
    (folder / "tutor.md").write_text("@literal, be patient.\n")
    (folder / "not a name.md").write_text("x")
    (folder / "notes.txt").write_text("x")
    return folder


REVIEW = "\n# Review\nFind what is wrong."


def system(simulator):
    messages = simulator.requests[-1].messages
    return messages[0]["content"] if messages[0]["role"] == "system" else None


def test_list_shows_names_and_first_lines(mira, saved):
    assert mira("prompts", "list").out == "review\t# Review\ntutor\t@literal, be patient.\n"
    listed = json.loads(mira("prompts", "list", "--json").out)["prompts"]
    assert [prompt["name"] for prompt in listed] == ["review", "tutor"]
    assert listed[0] == {"name": "review", "first_line": "# Review", "path": str(saved / "review.md")}
    assert "review" in mira("prompts", "list", out_tty=True).out


def test_list_without_any(mira):
    got = mira("prompts", "list")
    assert (got.code, got.out) == (0, "")
    assert "mira prompts edit NAME" in got.err
    assert json.loads(mira("prompts", "list", "--json").out) == {"prompts": []}


def test_list_where_the_directory_cannot_be_read(mira, tmp_path):
    got = mira("prompts", "list", MIRA_CONFIG_DIR=str(tmp_path / ("x" * 5000)))
    assert (got.code, got.out) == (0, "")


def test_show_prints_a_prompt(mira, saved):
    assert mira("prompts", "show", "review").out == f"{REVIEW}\n"
    (saved / "bad.md").write_text("a\x9bb\n")
    assert "\x9b" not in mira("prompts", "show", "bad", out_tty=True).out


@pytest.mark.parametrize(
    "argv", [("prompts", "show"), ("prompts", "remove"), ("ask", "x", "-p"), ("chat", "-p")]
)
def test_a_name_that_is_not_there(mira, simulator, saved, argv):
    got = mira(*argv, "reveiw")
    assert (got.code, got.out) == (2, "")
    assert got.err == "mira: No prompt 'reveiw'. Did you mean 'review'?\nList them with: mira prompts list\n"
    assert simulator.requests == []


@pytest.mark.parametrize("name", ["../config", "a/b", "", "a b", "..", "x" * 61])
def test_what_is_no_name(mira, simulator, saved, name):
    got = mira("prompts", "show", name)
    assert got.code == 2
    assert got.err.startswith(f"mira: '{name}' can't name a prompt.\n")


def test_edit_makes_a_prompt_and_keeps_no_empty_one(mira, tmp_path):
    path = tmp_path / "config" / "prompts" / "new.md"
    assert mira("prompts", "edit", "new", EDITOR="true").code == 0
    assert not path.exists()
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\necho "Be kind." > "$1"\n')
    editor.chmod(0o700)
    got = mira("prompts", "edit", "new", EDITOR=str(editor))
    assert (got.code, path.read_text()) == (0, "Be kind.\n")
    assert path.stat().st_mode & 0o777 == 0o600


def test_remove_deletes_a_prompt(mira, saved):
    assert mira("prompts", "remove", "review").code == 0
    assert not (saved / "review.md").exists()
    assert mira("prompts", "remove", "review").code == 2


@pytest.mark.parametrize(("answer", "code", "there"), [("n\n", 1, True), ("", 1, True), ("y\n", 0, False)])
def test_remove_asks_on_a_terminal(mira, saved, monkeypatch, answer, code, there):
    from io import StringIO

    monkeypatch.setattr("sys.stdin", StringIO(answer))
    got = mira("prompts", "remove", "tutor", in_tty=True)
    assert (got.code, (saved / "tutor.md").exists()) == (code, there)
    assert "Remove the prompt tutor? (y/N)" in got.err


def test_ask_with_a_prompt(mira, simulator, saved):
    for argv, variables in (
        (("-p", "review"), {}),
        (("--prompt=review",), {"MIRA_SYSTEM": "other"}),
        ((), {"MIRA_PROMPT": "review"}),
    ):
        assert mira("ask", "hi", *argv, **variables).code == 0
        assert system(simulator) == REVIEW
    mira("ask", "hi", "-p", "tutor")
    assert system(simulator) == "@literal, be patient."


def test_the_setting_and_what_overrides_it(mira, simulator, saved):
    assert mira("config", "set", "prompt", "review").code == 0
    mira("ask", "hi")
    assert system(simulator) == REVIEW
    for argv, variables in ((("-s", "Be brief."), {}), ((), {"MIRA_SYSTEM": "Be brief."})):
        mira("ask", "hi", *argv, **variables)
        assert system(simulator) == "Be brief."
    for argv in (("-s", ""), ("-p", "")):
        mira("ask", "hi", *argv)
        assert system(simulator) is None
    mira("config", "set", "prompt", "gone")
    got = mira("ask", "hi")
    assert (got.code, got.err.splitlines()[0]) == (2, "mira: prompt in config.toml: No prompt 'gone'.")
    got = mira("ask", "hi", MIRA_PROMPT="tutr")
    assert got.code == 2
    assert got.err.startswith("mira: MIRA_PROMPT: No prompt 'tutr'. Did you mean 'tutor'?\n")


@pytest.mark.parametrize("command", [("ask", "hi"), ("chat",), ("batch", "-")])
def test_a_prompt_beside_a_system_text(mira, simulator, saved, command):
    got = mira(*command, "-p", "review", "-s", "x", stdin=b"")
    assert got.code == 2
    assert "-p (--prompt) and -s (--system) can't be combined." in got.err


def test_batch_with_a_prompt(mira, simulator, saved):
    rows = b'{"question": "a"}\n{"question": "b", "system": "own"}\n'
    assert mira("batch", "-", "-p", "review", "--jobs", "1", stdin=rows).code == 0
    sent = {request.question: request.messages[0]["content"] for request in simulator.requests}
    assert sent == {"a": REVIEW, "b": "own"}


def test_chat_with_a_prompt(mira, simulator, saved):
    lines = b'one\n/prompt tutor\ntwo\n/system own\nthree\n/set prompt review\nfour\n/set prompt ""\nfive\n'
    got = mira("chat", "-p", "review", stdin=lines)
    assert got.code == 0
    assert [
        request.messages[0]["content"] if request.messages[0]["role"] == "system" else None
        for request in simulator.requests
    ] == [REVIEW, "@literal, be patient.", "own", REVIEW, None]


def test_slash_prompt_lists_and_says_what_is_not_there(mira, simulator, saved):
    got = mira("chat", "-p", "tutor", stdin=b"/prompt\n/prompt reveiw\n")
    assert got.code == 2
    assert "review" in got.err
    assert "* " in got.err
    assert "Did you mean 'review'?" in got.err
    assert "/prompt lists them." in got.err


def test_a_prompt_replaces_the_system_text_of_a_conversation(mira, simulator, saved, tmp_path):
    talk = str(tmp_path / "talk.json")
    mira("ask", "-c", talk, "-s", "old", "hi")
    mira("ask", "-c", talk, "-p", "review", "hi")
    assert system(simulator) == REVIEW
    mira("ask", "-c", talk, "hi", MIRA_PROMPT="tutor")
    assert system(simulator) == REVIEW
