"""-c, --load, --save, /load and /save: the conversation of a chat in a file."""

from __future__ import annotations

import json
import stat

import pytest

from mira_cli.session.conversation_store import open_conversation
from rig.simulator import asked, scripted


def test_a_loaded_question_without_a_reply_is_named(mira, chat, tmp_path):
    talk = tmp_path / "talk.json"
    talk.write_text(
        json.dumps(
            [
                {"role": "user", "content": "first"},
                {"role": "assistant", "content": "one"},
                {"role": "user", "content": "second"},
            ]
        )
    )
    outcome = chat(f"/load {talk}")
    assert "Loaded 3 messages from " in outcome.err
    assert "The last question, not answered yet: second\n" in outcome.err


def test_save_and_load(mira, chat, tmp_path):
    talk, document, other = tmp_path / "talk.json", tmp_path / "talk.md", tmp_path / "other.md"
    other.write_text("precious")
    with scripted(mira, "an **answer**", "more") as simulator:
        outcome = chat(
            "question", f"/save {talk}", f"/save {document}", f"/save {talk}", "/clear", f"/load {talk}", "on",
            f"/save {other}",
        )  # fmt: skip
        assert asked(simulator)[-1] == [("user", "question"), ("assistant", "an **answer**"), ("user", "on")]
    assert outcome.code == 2
    assert f"{other} already exists; it was left unchanged." in outcome.err
    assert other.read_text() == "precious"
    assert (
        document.read_text() == "# Conversation with mira\n\n## You\n\nquestion\n\n## Mira\n\nan **answer**\n"
    )
    assert stat.S_IMODE(talk.stat().st_mode) == 0o600
    assert stat.S_IMODE(document.stat().st_mode) == 0o600


def test_an_open_comment_in_a_reply_swallows_nothing_of_a_saved_document(mira, chat, tmp_path):
    document = tmp_path / "talk.md"
    with scripted(mira, "text\n<!-- open", "second"):
        assert chat("first?", "second?", f"/save {document}").code == 0
    assert document.read_text().endswith(
        "## Mira\n\ntext\n<!-- open\n-->\n\n## You\n\nsecond?\n\n## Mira\n\nsecond\n"
    )


def test_nothing_of_a_key_is_saved(mira, chat, tmp_path):
    path = tmp_path / "talk.json"
    key = "sk-mira-" + "0123456789" * 4
    with scripted(mira, "one"):
        assert chat(f"my key is {key}", f"/save {path}").code == 0
    assert key not in path.read_text()
    assert "my key is sk-mira-" in json.loads(path.read_text())["messages"][0]["content"]


@pytest.mark.parametrize("flag", ["-c", "--save"])
def test_an_address_before_a_line_with_an_at_sign_is_saved_whole(mira, chat, tmp_path, flag):
    path = tmp_path / "talk.json"
    reply = "Open http://localhost:8080\nada@example.com knows more"
    with scripted(mira, "https://ada:secret@example.com", reply):
        assert chat("Which URL?", "Where?", flags=[flag, str(path)]).code == 0
    assert "secret" not in path.read_text()
    assert json.loads(path.read_text())["messages"][-1]["content"] == reply


@pytest.mark.parametrize("text", ["{", '{"messages": 1}', '[{"role": "user"}]', "\x00", "no"])
def test_a_damaged_file_leaves_the_chat_as_it_was(mira, chat, tmp_path, text):
    path = tmp_path / "talk.json"
    path.write_text(text)
    with scripted(mira, "one", "two") as simulator:
        outcome = chat("first", f"/load {path}", f"/load {path}.missing", "second")
        assert asked(simulator)[-1][:2] == [("user", "first"), ("assistant", "one")]
    assert outcome.code == 2
    assert outcome.out == "one\ntwo\n"
    assert f"{path} is not a conversation" in outcome.err


def test_what_a_loaded_file_says_drives_no_terminal(chat, tmp_path):
    path = tmp_path / "talk.json"
    path.write_text(
        json.dumps(
            [{"role": "user", "content": "\x1b]0;owned\x07"}, {"role": "assistant", "content": "\x1b[2J"}]
        )
    )
    outcome = chat(f"/load {path}", "/context")
    assert outcome.code == 0
    assert "\x1b" not in outcome.err
    assert "^[[2J" in outcome.err


def test_begin_with_a_file_and_keep_it_up_to_date(mira, tmp_path):
    path = tmp_path / "talk.json"
    flags = ("--load", str(path), "--save", str(path))
    with scripted(mira, "one", "two") as simulator:
        assert mira("chat", *flags, stdin=b"first\n", MIRA_SYSTEM="be kind").code == 0
        assert mira("chat", *flags, "-m", "mira-pro", stdin=b"second\n").code == 0
        assert asked(simulator)[-1] == [
            ("system", "be kind"), ("user", "first"), ("assistant", "one"), ("user", "second"),
        ]  # fmt: skip
    held = json.loads(path.read_text())
    assert [message["content"] for message in held["messages"]] == [
        "be kind",
        "first",
        "one",
        "second",
        "two",
    ]
    assert held["model"] == "mira-pro"


def test_a_pending_question_of_a_file_is_asked_along(mira, tmp_path):
    path = tmp_path / "talk.json"
    path.write_text('[{"role": "user", "content": "never answered"}]')
    with scripted(mira, "one") as simulator:
        assert mira("chat", "--load", str(path), stdin=b"/context\nand this\n").code == 0
        assert asked(simulator) == [[("user", "never answered\n\nand this")]]


def test_save_replaces_nothing_by_itself(mira, simulator, tmp_path):
    path = tmp_path / "talk.json"
    path.write_text("precious")
    outcome = mira("chat", "--save", str(path), stdin=b"first\n")
    assert outcome.code == 2
    assert "already exists" in outcome.err
    assert path.read_text() == "precious"
    assert mira("chat", "--save", str(tmp_path / "talk"), stdin=b"first\n").code == 2
    assert simulator.requests == []


@pytest.mark.parametrize("flag", ["--save", "-c"])
def test_save_overwrites_the_file_of_this_chat_unasked(mira, chat, tmp_path, flag):
    path = tmp_path / "talk.json"
    with scripted(mira, "one"):
        outcome = chat("first", f"/save {path}", flags=(flag, str(path)))
    assert outcome.code == 0
    assert f"Saved 2 messages in {path}." in outcome.err


@pytest.mark.parametrize("flag", ["--load", "--save"])
def test_a_file_without_a_name(mira, simulator, flag):
    outcome = mira("chat", flag, "", stdin=b"first\n")
    assert (outcome.code, outcome.err) == (2, f"mira: {flag} must not be empty.\nGive a file name.\n")
    assert simulator.requests == []


def test_a_save_that_fails_is_said_and_the_chat_goes_on(mira, chat, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    editor = tmp_path / "editor"
    editor.write_text(f'#!/bin/sh\nrm -r {folder}\necho changed > "$1"\n')
    editor.chmod(0o755)
    flags = ("--save", str(folder / "talk.json"))
    outcome = chat("one", "/edit", "two", flags=flags, EDITOR=str(editor))
    assert outcome.code == 1
    assert outcome.out.count("(simulated reply)") == 3
    assert outcome.err.count("Cannot write") == 3  # after each turn and at the end
    assert chat("one", flags=flags).err.startswith(f"mira: No such directory: {folder}")


@pytest.mark.parametrize(
    ("flags", "sent"), [((), ["its own"]), (("-s", "typed"), ["typed"]), (("-s", ""), [])]
)
def test_only_a_system_text_typed_now_replaces_the_one_of_a_loaded_chat(
    mira, simulator, tmp_path, flags, sent
):
    path = tmp_path / "talk.json"
    mira("ask", "-c", str(path), "-s", "its own", "first")
    got = mira("chat", "--load", str(path), *flags, stdin=b"second\n", MIRA_SYSTEM="usual")
    assert got.code == 0
    messages = simulator.requests[-1].body["messages"]
    assert [each["content"] for each in messages if each["role"] == "system"] == sent


def test_a_loaded_conversation_may_fill_the_window_though_the_one_before_it_was_too_long(
    mira, chat, tmp_path
):
    path = tmp_path / "talk.json"
    path.write_text('[{"role": "user", "content": "early"}, {"role": "assistant", "content": "late"}]')
    long = ("long " * 700).strip()
    with scripted(mira, "a " * 400, "b " * 400, {"fail": "context"}, "c", "d") as simulator:
        outcome = chat("1", "2", "3", f"/load {path}", long, flags=("--context", "2000"))
        assert (outcome.code, outcome.out.splitlines()[-1]) == (0, "d")
        assert asked(simulator)[-1][-1] == ("user", long)


def test_a_conversation_file_is_continued_and_kept_up_to_date(mira, tmp_path):
    path = tmp_path / "talk"
    with scripted(mira, "one", "two", "three") as simulator:
        outcome = mira("chat", "-c", str(path), "-s", "be kind", stdin=b"first\n")
        assert (outcome.code, outcome.out) == (0, "one\n")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert mira("ask", "-c", str(path), "second").code == 0
        assert mira("chat", "--conversation", str(path), stdin=b"third\n").code == 0
        assert asked(simulator)[-1] == [
            ("system", "be kind"), ("user", "first"), ("assistant", "one"), ("user", "second"),
            ("assistant", "two"), ("user", "third"),
        ]  # fmt: skip
    held = json.loads(path.read_text())
    assert held["format"] == "mira-conversation/1"
    assert [message["content"] for message in held["messages"]][-2:] == ["third", "three"]
    assert [other.name for other in tmp_path.iterdir() if "lock" in other.name] == []


def test_a_chat_without_a_turn_leaves_its_conversation_file_alone(mira, chat, tmp_path):
    path, new = tmp_path / "talk.json", tmp_path / "new.json"
    text = '[{"role": "user",    "content": "Hi"}, {"role": "assistant", "content": "Hello"}]'
    path.write_text(text)
    assert chat("/context", flags=("-c", str(path))).code == 0
    assert path.read_text() == text
    assert chat("/help", flags=("-c", str(new))).code == 0
    assert not new.exists()


def test_a_turn_that_fails_saves_nothing(mira, chat, tmp_path):
    path = tmp_path / "talk.json"
    path.write_text(
        '[{"role": "user", "content": "first"}, {"role": "assistant", "content": "one"},'
        ' {"role": "user", "content": "never answered"}]'
    )
    with scripted(mira, {"fail": "400"}):
        outcome = chat("/system be kind", "second", f"/load {path}", flags=("-c", str(path)))
    assert outcome.err.count("Loaded 3 messages from ") == 2


def test_a_conversation_file_that_another_chat_has_open(mira, tmp_path):
    path = tmp_path / "talk.json"
    with open_conversation(str(path), timeout=1):
        outcome = mira("chat", "-c", str(path), "--timeout", "1.2", stdin=b"first\n")
    assert outcome.code == 2
    assert outcome.err.startswith(f"Waiting for another mira process using {path}…\n")
    assert f"Another mira process is using {path}; gave up after 1.2 s.\n" in outcome.err
    assert not path.exists()


@pytest.mark.parametrize("flag", ["--load", "--save"])
def test_a_conversation_file_and_its_halves_cannot_be_combined(mira, simulator, tmp_path, flag):
    path = str(tmp_path / "talk.json")
    outcome = mira("chat", "-c", path, flag, path, stdin=b"first\n")
    assert outcome.code == 2
    assert f"--conversation and {flag} can't be combined." in outcome.err
    assert simulator.requests == []


def test_another_conversation_does_not_overwrite_the_one_of_the_chat(mira, chat, tmp_path):
    path, other = tmp_path / "talk.json", tmp_path / "other.json"
    other.write_text('[{"role": "user", "content": "early"}, {"role": "assistant", "content": "late"}]')
    with scripted(mira, "one", "two") as simulator:
        outcome = chat("first", f"/load {other}", "second", flags=("-c", str(path)))
        assert asked(simulator)[-1][0] == ("user", "first")
    assert outcome.code == 2
    assert f"This chat is saved in {path}" in outcome.err
