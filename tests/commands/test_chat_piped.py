"""`mira chat` with its messages from a pipe: one a line, answers on standard output."""

from __future__ import annotations

import json
import os
import stat

import pytest

from mira_cli.session.conversation_store import open_conversation
from rig.simulator import Simulator


@pytest.fixture
def chat(mira):
    """Run a chat with these lines on standard input."""

    def run(*lines, flags=(), **variables):
        return mira("chat", *flags, stdin="".join(f"{line}\n" for line in lines).encode(), **variables)

    return run


def scripted(mira, *replies, **about):
    """Another simulator, with these replies, in place of the usual one."""
    simulator = Simulator(script=replies, **about)
    mira.env["MIRA_BASE_URL"] = simulator.base_url
    mira.env["MIRA_API_KEY"] = simulator.key
    return simulator


def asked(simulator):
    """The messages of each request, as (role, text)."""
    return [[(m["role"], m["content"]) for m in received.body["messages"]] for received in simulator.requests]


def test_answers_go_to_standard_output_and_the_chat_is_remembered(mira, chat):
    with scripted(mira, "one", "two\n") as simulator:
        outcome = chat("first", "second")
        assert (outcome.code, outcome.out, outcome.err) == (0, "one\ntwo\n", "")
        assert asked(simulator) == [
            [("user", "first")],
            [("user", "first"), ("assistant", "one"), ("user", "second")],
        ]


def test_a_backslash_continues_and_blank_lines_ask_nothing(mira, chat):
    with scripted(mira, "a", "b") as simulator:
        assert chat("", "  ", "one\\", "two\\", "three", "open \\").code == 0
        assert [messages[-1][1] for messages in asked(simulator)] == ["one\ntwo\nthree", "open "]


def test_the_question_of_the_command_line_comes_first_with_the_files(mira, tmp_path):
    notes = tmp_path / "notes.txt"
    notes.write_text("inside\n")
    with scripted(mira, "a", "b") as simulator:
        assert mira("chat", "-f", str(notes), "what", "now", stdin=b"next\n").out == "a\nb\n"
        first, second = asked(simulator)
    assert first == [("user", f"File {notes}:\n```\ninside\n```\n\nwhat now")]
    assert second[-1] == ("user", "next")


def test_nothing_on_standard_input(mira, simulator):
    assert mira("chat", stdin=b"") == mira("chat")
    assert mira("chat").code == 0
    assert mira("chat", "hello").out.startswith("(simulated reply)")
    assert len(simulator.requests) == 1


def test_a_failed_turn_is_not_remembered_and_sets_the_exit_code(mira, chat):
    with scripted(mira, "one", {"fail": "400"}, "three") as simulator:
        outcome = chat("first", "second", "third")
        assert outcome.code == 5
        assert outcome.out == "one\nthree\n"
        assert outcome.err.startswith("mira: ")
        assert asked(simulator)[-1] == [("user", "first"), ("assistant", "one"), ("user", "third")]


def test_a_blocked_question_is_not_remembered(mira, chat):
    with scripted(mira, "one", {"fail": "blocked"}) as simulator:
        assert chat("first", "a forbidden thing", "third").code == 5
        assert ("user", "a forbidden thing") not in asked(simulator)[-1]


def test_a_cut_reply_stays_and_is_continued_without_the_overlap(mira, chat, tmp_path):
    path = tmp_path / "talk.json"
    cut = {"text": "The quick brown fox", "finish_reason": "length"}
    with scripted(mira, cut, "brown fox jumps.", "later") as simulator:
        outcome = chat("tell", "/continue", f"/save {path}", "next")
        assert outcome.code == 0
        assert "/continue asks for the rest" in outcome.err
        requests = asked(simulator)
    assert requests[1][:2] == [("user", "tell"), ("assistant", "The quick brown fox")]
    assert requests[2][:2] == [("user", "tell"), ("assistant", "The quick brown fox jumps.")]
    assert requests[2][2:] == [("user", "next")]
    assert "cut" not in json.loads(path.read_text())


def test_the_end_of_a_very_long_reply_is_continued(mira, chat, tmp_path):
    path = tmp_path / "talk.json"
    long = "слово " * 3100
    with scripted(mira, {"text": long, "finish_reason": "length"}, "и конец.") as simulator:
        outcome = chat("tell", "/continue", f"/save {path}")
        assert outcome.code == 0, outcome.err
        question, (role, end), _ = asked(simulator)[1]
    assert (question, role) == (("user", "tell"), "assistant")
    assert long.endswith(end)
    assert 31_990 < len(end.encode()) <= 32_000
    assert json.loads(path.read_text())["messages"][1]["content"] == long + "и конец."


def test_what_is_left_out_is_said_with_its_reason(mira, chat):
    with scripted(mira, "one", "слово " * 3100, "three", "four"):
        outcome = chat("first", "second", "third", "fourth")
    assert outcome.code == 0
    told = "Left out the last reply: 34,100 bytes; the API takes at most 32,000 a message."
    assert outcome.err.count(told) == 1
    assert "Dropped" not in outcome.err
    assert "message 4" not in outcome.err


def test_another_reason_is_said_again(mira, chat):
    with scripted(mira, "one", "слово " * 3100, "three", "four"):
        outcome = chat("first", "second", "third", "/set context 30", "fourth")
    assert outcome.err.count("Left out the last reply: 34,100 bytes") == 1
    assert outcome.err.count(" oldest messages to stay within 30 tokens.") == 1


def test_a_dropped_connection_keeps_what_came(mira, chat):
    with scripted(mira, {"fail": "cut-between"}, "second") as simulator:
        outcome = chat("first", "/context", "next")
        assert outcome.code == 8
        messages = asked(simulator)[-1]
    assert [role for role, _ in messages] == ["user", "assistant", "user"]
    assert outcome.out.startswith(messages[1][1])
    assert "sent, cut" in outcome.err


def test_retry_asks_the_last_question_again(mira, chat):
    with scripted(mira, "one", "two", "another two", "three") as simulator:
        assert chat("first", "second", "/retry", "third").out == "one\ntwo\nanother two\nthree\n"
        requests = asked(simulator)
    assert requests[2] == requests[1]
    assert requests[3][3] == ("assistant", "another two")


def test_retry_after_a_failure_asks_that_question(mira, chat):
    with scripted(mira, "one", {"fail": "500:3"}, "two") as simulator:
        assert chat("first", "second", "/retry", flags=("--retries", "0")).code == 7
        assert [messages[-1][1] for messages in asked(simulator)] == ["first", "second", "second"]


def test_a_retry_that_fails_leaves_the_reply_that_was(mira, chat):
    with scripted(mira, "one", {"fail": "400"}, "two") as simulator:
        chat("first", "/retry", "second")
        assert asked(simulator)[-1] == [("user", "first"), ("assistant", "one"), ("user", "second")]


def test_undo_edit_clear(mira, chat):
    with scripted(mira, "one", "two", "three", "four", "five") as simulator:
        outcome = chat(
            "first", "second", "/undo", "/edit changed first", "/clear", "third", flags=("-s", "be brief")
        )
        assert outcome.code == 0
        requests = asked(simulator)
    assert requests[2] == [("system", "be brief"), ("user", "changed first")]
    assert requests[3] == [("system", "be brief"), ("user", "third")]
    assert "Undone: second" in outcome.err


def test_a_question_with_a_file_is_named_by_its_own_words(mira, chat, tmp_path):
    notes, talk = tmp_path / "notes.txt", tmp_path / "talk.json"
    notes.write_text("some notes\n")
    with scripted(mira, "one"):
        outcome = chat(
            f"/file {notes}", "What is missing?", f"/save {talk}", "/pin 1", "/undo", f"/load {talk}"
        )
    for words in ("Pinned: ", "Undone: ", "The last question: "):
        assert f"{words}What is missing?\n" in outcome.err


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


def test_edit_in_the_editor(mira, chat, tmp_path):
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\necho 'what it became' > \"$1\"\n")
    editor.chmod(0o755)
    with scripted(mira, "one", "two") as simulator:
        assert chat("first", "/edit", EDITOR=str(editor)).code == 0
        assert asked(simulator)[-1] == [("user", "what it became")]


def test_edit_without_an_editor_takes_the_text(chat, simulator):
    outcome = chat("/edit", "first", "/edit")
    assert outcome.code == 2
    assert "There is no question to edit yet." in outcome.err
    assert "There is no editor to change it in." in outcome.err
    assert len(simulator.requests) == 1


def test_settings_change_what_is_sent(mira, chat, tmp_path):
    prompt = tmp_path / "prompt.txt"
    prompt.write_text("from a file")
    with scripted(mira, "one", "two", "three") as simulator:
        outcome = chat(
            "/model mira-max", "/set temperature 0.5", "/set stop END", "/system be terse", "first",
            "/set temperature none", f"/system @{prompt}", "/set max-tokens 7", "second",
            '/system ""', "third",
        )  # fmt: skip
        assert outcome.code == 0
        first, second, third = (received.body for received in simulator.requests)
    assert (first["model"], first["temperature"], first["stop"]) == ("mira-max", 0.5, ["END"])
    assert first["messages"][0] == {"role": "system", "content": "be terse"}
    assert "temperature" not in second
    assert second["max_tokens"] == 7
    assert second["messages"][0]["content"] == "from a file"
    assert third["messages"][0]["role"] == "user"
    assert "model: mira-max; context limit 108,135 tokens\n" in outcome.err


def test_only_numbers_know_the_word_none(mira, chat):
    with scripted(mira, "one", "two") as simulator:
        assert (
            chat("/system none", "/set stop none", "/set top_p none", "first", '/set stop ""', "second").code
            == 0
        )
        first, second = (received.body for received in simulator.requests)
    assert first["messages"][0]["content"] == "none"
    assert first["stop"] == ["none"]
    assert "top_p" not in first
    assert "stop" not in second


def test_bad_settings_are_refused_in_plain_words(chat):
    outcome = chat(
        "/set temperature 9", "/set modell x", "/set base_url https://example.com", "/set key sk-mira-x"
    )
    assert outcome.code == 2
    assert "temperature must be 0 to 2, not 9." in outcome.err
    assert "No setting 'modell'. Did you mean 'model'?" in outcome.err
    assert "base_url can't be changed in a chat." in outcome.err
    assert "The key was not used" in outcome.err


def test_an_unknown_command_is_never_sent(chat, simulator):
    outcome = chat("/rtery", "/xyzzy now", "/MODEL", "/unpin")
    assert "Unknown command /rtery. Did you mean /retry?" in outcome.err
    assert "Unknown command /xyzzy. See /help." in outcome.err
    assert outcome.out == ""
    assert simulator.requests == []


def test_a_number_of_thousands_of_digits_is_no_number(chat):
    digits = "1" * 5000
    outcome = chat("one", f"/pin {digits}", f"/unpin {digits}", f"/copy code {digits}")
    assert outcome.code == 2
    assert "Which message? /pin N" in outcome.err
    assert "Which message? /unpin N" in outcome.err
    assert "It is /copy, /copy code, or /copy code N." in outcome.err


def test_what_is_no_command_is_sent(mira, chat):
    lines = ("/etc/hosts is what?", "//help", "/* a comment */", "/ 2", "exit the loop")
    with scripted(mira, *("ok" for _ in lines)) as simulator:
        assert chat(*lines).code == 0
        assert [messages[-1][1] for messages in asked(simulator)] == [
            "/etc/hosts is what?", "/help", "/* a comment */", "/ 2", "exit the loop",
        ]  # fmt: skip


@pytest.mark.parametrize("word", ["/exit", "/quit", "/bye", "exit", "quit", "/EXIT", " quit "])
def test_leaving(chat, simulator, word):
    assert chat("one", word, "two").code == 0
    assert len(simulator.requests) == 1


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


@pytest.mark.parametrize(
    ("lines", "requests"),
    [
        (("/clear", "Hello"), ["Hello"]),
        (("/undo", "Hello"), ["Hello"]),
        (("/retry", "Hello"), ["never answered", "Hello"]),
        (("/edit changed", "Hello"), ["changed", "Hello"]),
        (("Hello", "Bye"), ["never answered\n\nHello", "Bye"]),
        (("/clear", "/undo", "/retry", "/edit x"), []),
    ],
)
def test_commands_on_a_loaded_question_without_a_reply(mira, tmp_path, lines, requests):
    path = tmp_path / "talk.json"
    path.write_text(
        '[{"role": "user", "content": "first"}, {"role": "assistant", "content": "one"},'
        ' {"role": "user", "content": "never answered"}]'
    )
    with scripted(mira, *("ok" for _ in requests)) as simulator:
        text = "".join(f"{line}\n" for line in (f"/load {path}", *lines))
        mira("chat", stdin=text.encode())
        assert [messages[-1][1] for messages in asked(simulator)] == requests
        if lines[0] == "/clear" and requests:
            assert asked(simulator) == [[("user", "Hello")]]


def test_undo_of_a_failed_question_leaves_the_loaded_one(mira, tmp_path):
    path = tmp_path / "talk.json"
    path.write_text('[{"role": "user", "content": "never answered"}]')
    with scripted(mira, {"fail": "400"}, "ok") as simulator:
        outcome = mira("chat", "--load", str(path), stdin=b"and this\n/undo\n/retry\n")
        assert [messages[-1][1] for messages in asked(simulator)] == [
            "never answered\n\nand this",
            "never answered",
        ]
    assert "Undone: and this\n" in outcome.err


def test_undo_and_retry_after_a_failed_question(mira, chat):
    with scripted(mira, "one", {"fail": "400"}, "three") as simulator:
        outcome = chat("first", "second", "/undo", "third")
        assert asked(simulator)[-1] == [("user", "first"), ("assistant", "one"), ("user", "third")]
    assert outcome.err.count("Undone: second\n") == 1


def test_files_as_a_terminal_drops_them(mira, chat, tmp_path):
    folder = tmp_path / "sp dir"
    folder.mkdir()
    (folder / "a b.txt").write_text("inside")
    escaped = str(folder / "a b.txt").replace(" ", "\\ ")
    url = "file://" + str(folder / "a b.txt").replace(" ", "%20")
    with scripted(mira, "ok") as simulator:
        outcome = chat(f"/file {escaped}", f"/file {url}", f"/file '{folder}/a b.txt'", "what is it?")
        assert outcome.code == 0, outcome.err
        assert asked(simulator)[0][0][1].count("inside") == 3


def test_files_that_are_dropped_together(mira, chat, tmp_path):
    for name in ("a b.txt", "c.txt"):
        (tmp_path / name).write_text(f"inside {name}")
    with scripted(mira, "ok") as simulator:
        outcome = chat(f"/file '{tmp_path}/a b.txt' {tmp_path}/c.txt", "what are they?")
        assert outcome.code == 0, outcome.err
        text = asked(simulator)[0][0][1]
    assert "inside a b.txt" in text
    assert "inside c.txt" in text


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


def test_files_wait_for_the_next_question(mira, chat, tmp_path):
    path = tmp_path / "a file.txt"
    path.write_text("inside")
    with scripted(mira, "one", "two") as simulator:
        outcome = chat(f"/file '{path}'", f"/file {path}.missing", "what is it?", "and now?")
        questions = [messages[-1][1] for messages in asked(simulator)]
    assert questions == [f"File {path}:\n```\ninside\n```\n\nwhat is it?", "and now?"]
    assert outcome.err.count("will be attached to your next message") == 1
    assert outcome.code == 2


def test_a_file_that_is_too_large_to_send_is_refused_at_once_and_named(mira, chat, tmp_path):
    path = tmp_path / "large.txt"
    path.write_text("я" * 16_001)
    with scripted(mira, "one") as simulator:
        outcome = chat(f"/file {path}", "what is it?")
        assert asked(simulator) == [[("user", "what is it?")]]
    assert outcome.code == 5
    assert f"{path} is 32,002 bytes; the API takes at most 32,000 bytes a message." in outcome.err
    outcome = chat("what is it?", flags=("-f", str(path)))
    assert (outcome.code, outcome.out) == (5, "")
    assert f"{path} is 32,002 bytes" in outcome.err


def test_files_that_are_too_large_together_are_refused_with_the_figures(mira, chat, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).write_text("x" * 20_000)
    with scripted(mira, "one") as simulator:
        outcome = chat(f"/file {tmp_path}/a", f"/file {tmp_path}/b", "what is it?")
        assert "x" * 20_000 in asked(simulator)[0][0][1]
        assert f"{tmp_path}/b" not in asked(simulator)[0][0][1]
    assert outcome.code == 5
    assert f"{tmp_path}/b is 20,000 bytes and " in outcome.err
    assert " are attached already; the API takes at most 32,000 bytes a message." in outcome.err


def test_a_path_from_a_pipe_is_a_message(mira, chat, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("inside")
    with scripted(mira, "one") as simulator:
        assert chat(str(path)).code == 0
        assert asked(simulator) == [[("user", str(path))]]


def test_without_a_path_the_attached_files_are_removed(mira, chat, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("inside")
    with scripted(mira, "one") as simulator:
        outcome = chat(f"/file {path}", "/file", "what is it?")
        questions = [messages[-1][1] for messages in asked(simulator)]
    assert questions == ["what is it?"]
    assert f"No longer attached: {path}" in outcome.err
    assert chat("/file").err == "mira: Which file? /file PATH\n"


def test_context_and_pin(mira, chat):
    with scripted(mira, *("x" * 400 for _ in range(6))) as simulator:
        outcome = chat("a", "/pin 2", "b", "c", "d", "/context", "/pin 99", "e", flags=("--context", "400"))
        last = asked(simulator)[-1]
    assert last[0] == ("user", "a")
    assert ("user", "b") not in last
    assert "trimmed" in outcome.err
    assert "pinned" in outcome.err
    assert "There is no message 99 to pin." in outcome.err
    assert "Dropped the 2 oldest messages to stay within 400 tokens." in outcome.err


def test_sixty_turns_stay_in_the_budget(mira):
    questions = [f"question {number} " + "word " * 10 for number in range(60)]
    with scripted(mira) as simulator:
        flags = ("--context", "500", "-s", "be brief")
        assert mira("chat", *flags, stdin="\n".join(questions).encode()).code == 0
        requests = asked(simulator)
    assert len(requests) == 60
    for question, messages in zip(questions, requests, strict=True):
        roles = [role for role, _ in messages]
        assert messages[0] == ("system", "be brief")
        assert roles[1:] == ["user", "assistant"] * (len(roles) // 2 - 1) + ["user"]
        assert messages[-1][1] == question
        assert sum(len(text) for _, text in messages) / 4 < 500
    assert len(requests[-1]) > 4


def test_a_context_error_of_the_server_trims_and_asks_again_once(mira, chat):
    with scripted(mira, *("word " * 100 for _ in range(4)), window=260) as simulator:
        outcome = chat("one", "two", "three", "four")
        assert outcome.code == 0
        assert len(simulator.requests) > 4
    assert "asked again" in outcome.err


def test_usage_only_when_it_is_asked_for(chat):
    assert "in ·" not in chat("one").err
    assert "in ·" in chat("one", flags=("-u",)).err
    assert chat("one", "two", flags=("-q",)).err == ""


def test_only_answers_in_a_file_whatever_is_shown(chat):
    outcome = chat("/help", "/info", "/context", "/model", "/system", "/set", "/set model")
    assert outcome.out == ""
    assert "/retry" in outcome.err
    assert "sk-mira-" in outcome.err
    assert "\x1b" not in outcome.err


def test_info_masks_the_key(chat, simulator):
    assert simulator.key not in chat("/info").err


def test_the_reply_of_a_plain_terminal_has_a_name(mira):
    outcome = mira("chat", "--plain", stdin=b"one\ntwo\n", out_tty=True, err_tty=True, TERM="xterm")
    assert outcome.out.count("Mira: (simulated reply)") == 2
    assert "\x1b" not in outcome.out + outcome.err


def test_standard_input_is_no_file(mira):
    assert mira("chat", "-f", "-", stdin=b"x\n").code == 2


def test_without_a_key(mira):
    outcome = mira("chat", stdin=b"one\n", MIRA_API_KEY="")
    assert outcome.code == 4
    assert outcome.err.startswith("mira: No API key.")


def test_copy_says_what_took_it(mira, chat, tmp_path):
    tool = tmp_path / "xclip"
    tool.write_text(f"#!/bin/sh\ncat > {tmp_path}/clip\n")
    tool.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    with scripted(mira, "```py\nprint(1)\n```\nand\n~~~\ntwo\n~~~\n"):
        outcome = chat("one", "/copy code 2", PATH=path, DISPLAY=":0")
    assert outcome.code == 0
    assert (tmp_path / "clip").read_text() == "two\n"
    assert "Copied code block 2 of 2 (1 line) with xclip." in outcome.err


def test_copy_without_anything_to_copy_or_to_copy_with(mira, chat):
    with scripted(mira, "no code"):
        outcome = chat("/copy", "one", "/copy code", "/copy nonsense", "/copy", PATH="/nowhere")
    assert outcome.code == 1
    assert "There is no reply to copy yet." in outcome.err
    assert "The last reply has no code block." in outcome.err
    assert "It is /copy, /copy code, or /copy code N." in outcome.err
    assert "No clipboard is available." in outcome.err


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


def test_show_shows_a_message_again_but_not_among_the_replies(mira, chat):
    with scripted(mira, "reply **one**", "reply two") as simulator:
        outcome = chat("/show", "first", "second", "/show", "/show 1", "/show 2", "/show 5", "/show x")
        assert len(simulator.requests) == 2
    assert outcome.out == "reply **one**\nreply two\n"
    assert outcome.err.splitlines() == [
        "mira: There is no message to show yet.",
        "reply two",
        "› first",
        "reply **one**",
        "mira: There is no message 5.",
        "/context shows their numbers.",
        "mira: Which message? /show N",
        "/context shows their numbers.",
    ]


def test_a_reply_that_ended_early_is_said_even_when_quiet(mira, simulator):
    simulator.say(
        {"text": "Once", "finish_reason": "MAX_TOKENS"}, {"text": "Twice", "finish_reason": "SAFETY"}
    )
    got = mira("chat", "-q", stdin=b"one\ntwo\n")
    assert got.code == 0
    assert "The reply hit the model's length limit; /continue asks for the rest." in got.err
    assert "The API's content filter ended the reply." in got.err


def test_finish_reason_error_keeps_what_came_and_fails_the_line(mira, simulator):
    simulator.say({"text": "Once", "finish_reason": "error"}, " upon a time.")
    got = mira("chat", stdin=b"one\n/continue\n")
    assert (got.code, "Once" in got.out) == (8, True)
    assert "finish_reason error" in got.err
    assert [message["role"] for message in simulator.requests[-1].messages] == ["user", "assistant", "user"]


def test_reasoning_is_shown_as_the_chat_sets_it(mira, simulator):
    thought = "<think>Hm.</think>4"
    simulator.say(thought, thought, thought)
    got = mira("chat", stdin=b"one\n/set reasoning true\ntwo\n/set reasoning false\nthree\n")
    assert (got.code, got.out) == (0, "4\n4\n4\n")
    assert got.err.count("Hm.\n") == 1
    assert "Hm." not in str(simulator.requests[-1].body)
