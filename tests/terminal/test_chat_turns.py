"""Turns of a chat on a real terminal: stopped, failed, cut, trimmed, typed ahead."""

from __future__ import annotations

import re
import sys

import pytest

from rig.simulator import Simulator

SLOW = {"text": tuple(f"word{number} " for number in range(2000)), "rate": 20}  # more than anybody waits for


def test_the_first_screen_and_a_turn(open_chat, asked):
    terminal, simulator = open_chat("An **answer**.")
    assert terminal.lines[0] == "mira · Enter sends, Alt-Enter adds a line, /help lists commands"
    assert terminal.lines[1] == "› Ask anything"
    assert terminal.lines[2] == " mira · 0 of 27,034 tokens · 0 messages · /help"
    terminal.type("hello\r")
    screen = terminal.wait_for("2 messages")
    assert "\nAn answer.\n" in screen
    assert "in · " in screen
    assert "Ask anything" not in screen
    terminal.type("\x04")
    assert terminal.wait() == 0
    assert re.search(r"\n1 question · \d+ tokens$", terminal.text)
    assert terminal.mode() == (True, True)
    assert asked(simulator) == [[("user", "hello")]]


@pytest.mark.parametrize(
    ("columns", "header"),
    [
        (63, "mira · Enter sends, Alt-Enter adds a line, /help lists commands"),
        (62, "mira · /help lists commands"),
        (27, "mira · /help lists commands"),
        (20, "mira"),
    ],
)
def test_the_header_is_one_line(open_chat, columns, header):
    terminal, _ = open_chat(columns=columns, ready="› Ask anything")
    assert terminal.lines[:2] == [header, "› Ask anything"]


@pytest.mark.parametrize(
    ("columns", "header"),
    [
        (80, "Mira, model mira. Enter sends, \\ Enter adds a line, /help lists commands."),
        (60, "Mira, model mira. /help lists commands."),
        (20, "Mira, model mira"),
    ],
)
def test_the_header_is_one_line_of_words_where_nothing_can_be_drawn(open_chat, columns, header):
    terminal, _ = open_chat(flags=("--plain",), columns=columns, ready="\n>")
    assert terminal.lines[:2] == [header, ">"]


def test_ctrl_c_while_it_waits_gives_the_question_back(open_chat, asked):
    terminal, simulator = open_chat({"text": "late", "delay": 30}, "answer")
    terminal.type("first\r")
    terminal.wait_for("thinking")
    assert simulator.wait_for(1)
    terminal.type("\x03")
    terminal.wait_for("Stopped.\n\n› first")
    assert "thinking" not in terminal.text
    terminal.type(" and more\r")
    terminal.wait_for("answer")
    assert asked(simulator)[-1] == [("user", "first and more")]


def test_a_stopped_question_gives_way_to_what_was_typed_ahead(open_chat, asked):
    terminal, simulator = open_chat({"text": "late", "delay": 30}, "answer", "another")
    terminal.type("first\r")
    terminal.wait_for("thinking")
    assert simulator.wait_for(1)
    terminal.type("next\r\x03")
    terminal.wait_for("answer")
    assert asked(simulator)[-1] == [("user", "next")]
    terminal.wait_for("2 messages")
    terminal.type("\x1b[A\x1b[A\r")
    terminal.wait_for("another")
    assert asked(simulator)[-1][-1] == ("user", "first")


def test_an_edited_question_that_was_stopped_replaces_nothing_for_what_was_typed_ahead(open_chat, asked):
    terminal, simulator = open_chat("one", {"text": "late", "delay": 30}, "answer")
    terminal.type("first\r")
    terminal.wait_for("2 messages")
    terminal.type("/edit better\r")
    terminal.wait_for("thinking")
    assert simulator.wait_for(2)
    terminal.type("next\r\x03")
    terminal.wait_for("answer")
    assert asked(simulator)[-1] == [("user", "first"), ("assistant", "one"), ("user", "next")]


@pytest.mark.parametrize("flags", [(), ("--plain",)], ids=["editing", "plain"])
def test_keys_typed_before_the_header_are_asked_once(open_terminal, asked, flags):
    with Simulator(script=["an answer"]) as simulator:
        terminal = open_terminal(
            [sys.executable, "-m", "mira_cli", "chat", *flags],
            env={"MIRA_BASE_URL": simulator.base_url, "MIRA_API_KEY": simulator.key},
        )
        terminal.type("hello")
        terminal.wait_for("› hello" if not flags else "> hello")
        if not flags:
            assert terminal.text.count("hello") == 1
            assert terminal.lines[0].startswith("mira ·")
        terminal.type("!\r")
        terminal.wait_for("an answer")
        assert asked(simulator) == [[("user", "hello!")]]


def test_ctrl_c_in_the_middle_of_a_reply_keeps_what_came(open_chat, asked):
    terminal, simulator = open_chat(SLOW, "next answer")
    terminal.type("first\r")
    terminal.wait_for("word3")
    terminal.type("\x03")
    terminal.wait_for("Stopped; the partial reply stays in the chat.")
    terminal.wait_for("2 messages")
    terminal.type("second\r")
    terminal.wait_for("next answer")
    question, (role, partial), second = asked(simulator)[-1]
    assert (question, role, second) == (("user", "first"), "assistant", ("user", "second"))
    assert partial.startswith("word0 word1 word2 word3")
    assert "word1999" not in partial
    assert partial.split()[-1] in terminal.text


def test_ctrl_z_while_it_waits_leaves_no_waiting_line_above_the_shell(open_terminal):
    with Simulator(script=[{"text": "an answer", "delay": 30}]) as simulator:
        shell = open_terminal(
            ["bash", "--norc", "--noediting", "-i"],
            env={"PS1": "$ ", "MIRA_BASE_URL": simulator.base_url, "MIRA_API_KEY": simulator.key},
        )
        shell.wait_for("$")
        shell.type(f"{sys.executable} -m mira_cli chat\r")
        shell.wait_for("tokens")
        shell.type("first\r")
        shell.wait_for("thinking")
        shell.type("\x1a")
        shell.wait_for("Stopped")
        shell.until(lambda: shell.mode() == (True, True))
        assert "thinking" not in shell.text
        shell.type("fg\r")
        shell.wait_for("thinking")
        shell.type("\x03")
        shell.wait_for("Stopped.\n\n› first")
        assert "thinking" not in shell.text


def test_a_reply_that_is_shown_at_its_end_is_waited_for_until_then(open_chat):
    terminal, _ = open_chat({"text": "words " * 40, "rate": 40}, flags=("--no-stream",))
    terminal.type("hi\r")
    terminal.wait_for("thinking…")
    terminal.wait_for("words words")
    assert "thinking" not in terminal.text


def test_what_a_stopped_reply_took_counts_as_estimated(open_chat):
    terminal, _ = open_chat(SLOW)
    terminal.type("first\r")
    terminal.wait_for("word3")
    terminal.type("\x03")
    terminal.wait_for("2 messages")
    terminal.type("\x04")
    assert terminal.wait() == 0
    told = re.search(r"1 question · ~(\d+) tokens", terminal.text)
    assert int(told[1]) > 10


def test_ctrl_c_with_text_and_without(open_chat):
    terminal, simulator = open_chat()
    terminal.type("some text")
    terminal.wait_for("› some text")
    terminal.type("\x03")
    terminal.until(lambda: "some text" not in terminal.text)
    terminal.type("\x03")
    assert terminal.wait_for("Press Ctrl-D or type /exit to quit.\n\n› Ask anything")
    terminal.type("\x04")
    assert terminal.wait() == 0
    assert simulator.requests == []


def test_ctrl_c_during_the_countdown_to_a_retry(open_chat):
    terminal, simulator = open_chat({"fail": "429:9"}, flags=("--retries", "5"))
    terminal.type("first\r")
    terminal.wait_for("rate limited, retry 1 of 5")
    terminal.type("\x03")
    terminal.wait_for("Stopped.\n\n› first")
    assert len(simulator.requests) < 5


def test_a_continued_reply_is_one_reply(open_chat, asked):
    terminal, simulator = open_chat(SLOW, "and the rest", "fine")
    terminal.type("first\r")
    terminal.wait_for("word2")
    terminal.type("\x03")
    terminal.wait_for("2 messages")
    terminal.type("/continue\r")
    terminal.wait_for("and the rest")
    terminal.type("second\r")
    terminal.wait_for("fine")
    messages = asked(simulator)[-1]
    assert [role for role, _ in messages] == ["user", "assistant", "user"]
    assert messages[1][1].startswith("word0 word1 word2")
    assert messages[1][1].endswith("and the rest")


AGAIN = "↑ or /retry asks again."


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("401", f"Set another key: /set key. Then {AGAIN}"),
        ("402-balance", "Your balance is empty"),
        ("429-day", "Rate limited"),
        ("500", AGAIN),
        ("error-first", AGAIN),
        ("no-text", AGAIN),
        ("html", AGAIN),
        ("close-mid-headers", AGAIN),
    ],
)
def test_an_api_error_ends_the_turn_and_not_the_chat(open_chat, fault, told, asked):
    terminal, simulator = open_chat({"fail": fault}, "all is well", flags=("--retries", "0"), columns=120)
    terminal.type("first\r")
    terminal.wait_for(told)
    terminal.wait_for(f"\n› {AGAIN[:-1]}\n")  # the input line is empty
    assert "mira: " not in terminal.text
    lines = terminal.text.splitlines()
    said = lines[lines.index("› first") + 1 : lines.index(f"› {AGAIN[:-1]}")]
    assert 1 <= len(list(filter(None, said))) <= 2
    assert (said[0], said[-1]) == ("", "")
    terminal.type("\x1b[A")
    terminal.until(lambda: terminal.text.count("› first") == 2, "the question from the history")
    terminal.type(" again\r")
    terminal.wait_for("all is well")
    assert asked(simulator)[-1] == [("user", "first again")]


def test_what_is_typed_ahead_of_an_error_is_not_glued_to_the_question(open_chat, asked):
    terminal, simulator = open_chat({"fail": "429:2"}, "fine", flags=("--retries", "1"))
    terminal.type("first\r")
    terminal.wait_for("rate limited, retry 1 of 1")
    terminal.type("second\r")
    terminal.wait_for("fine")
    questions = [messages[-1][1] for messages in asked(simulator)]
    assert questions == ["first", "first", "second"]


def test_a_cut_reply_stays(open_chat, asked):
    terminal, simulator = open_chat({"fail": "cut-between"}, "next one")
    terminal.type("first\r")
    terminal.wait_for("The connection dropped; the answer is incomplete.")
    terminal.wait_for("The partial reply is kept; /continue asks for the rest.")
    terminal.type("second\r")
    terminal.wait_for("next one")
    assert [role for role, _ in asked(simulator)[-1]] == ["user", "assistant", "user"]


def test_a_chat_that_is_trimmed_says_so(open_chat, asked):
    replies = ["word " * 80 for _ in range(6)]
    terminal, simulator = open_chat(*replies, flags=("--context", "400"), columns=100, rows=60)
    for number in range(6):
        terminal.type(f"question {number}\r")
        terminal.wait_for(f"{2 * number + 2} messages")
    assert "\n\nDropped the 2 oldest messages to stay within 400 tokens.\n\nword word" in terminal.text
    assert " trimmed · /help" in terminal.text
    assert " of 400 tokens · 12 messages, " in terminal.text
    assert asked(simulator)[-1][-1] == ("user", "question 5")
    assert len(asked(simulator)[-1]) < 11


def test_sixty_turns_of_a_person(open_chat, asked):
    terminal, simulator = open_chat(flags=("--context", "500", "-s", "be brief", "--raw"))
    for number in range(60):
        terminal.type(f"question {number}\r")
        terminal.until(lambda count=2 * number + 2: f"{count} messages" in terminal.text)
    requests = asked(simulator)
    assert len(requests) == 60
    for number, messages in enumerate(requests):
        roles = [role for role, _ in messages]
        assert messages[0] == ("system", "be brief")
        assert roles[1:] == ["user", "assistant"] * (len(roles) // 2 - 1) + ["user"]
        assert messages[-1] == ("user", f"question {number}")
    assert len(requests[-1]) < 40


def test_what_is_typed_ahead_is_sent_in_order(open_chat, asked):
    terminal, simulator = open_chat({"text": SLOW["text"][:20], "rate": 20}, "two", "three")
    terminal.type("one\r")
    terminal.wait_for("word1")
    terminal.type("second\rthird\rnot yet")
    terminal.wait_for("› not yet")
    terminal.wait_for("6 messages")
    assert [messages[-1][1] for messages in asked(simulator)] == ["one", "second", "third"]
    assert terminal.text.index("word19") < terminal.text.index("› second")


def test_ctrl_c_while_what_was_typed_ahead_is_taken_breaks_nothing(open_chat, asked):
    terminal, simulator = open_chat({"text": ("one ", "two"), "rate": 2}, "next answer")
    terminal.type("first\r")
    terminal.wait_for("one")
    terminal.type("x " * 5000)
    terminal.until(lambda: b" out " in terminal.raw)
    terminal.type("\x03")
    terminal.settle(1)
    terminal.type("\x03")
    terminal.until(lambda: "›\n" in terminal.text)
    terminal.type("second\r")
    terminal.wait_for("next answer")
    assert asked(simulator)[-1][-1] == ("user", "second")


def test_a_window_that_becomes_narrow_in_mid_reply(open_chat, asked):
    text = " ".join(f"word{number}" for number in range(120))
    terminal, simulator = open_chat(
        {"text": tuple(f"{word} " for word in text.split()), "rate": 60}, columns=100
    )
    terminal.type("first\r")
    terminal.wait_for("word30")
    terminal.resize(40, 24)
    terminal.wait_for("word119")
    terminal.wait_for("tokens")
    terminal.settle()
    assert terminal.text.count("word119") == 1
    assert terminal.text.count("thinking") == 0
    assert terminal.text.splitlines()[-1].strip().startswith("mira · ")
    assert "/help" not in terminal.text.splitlines()[-1]
    terminal.type("second\r")
    terminal.until(lambda: len(simulator.requests) == 2)
    assert asked(simulator)[-1][1][1].split() == text.split()


def test_cyrillic_cjk_and_emoji(open_chat, asked):
    terminal, simulator = open_chat("Привет, 世界 👋🏽", "второй")
    terminal.type("Почему небо голубое? 空 👩‍🚀x\x7f\r")
    terminal.wait_for("2 messages")
    assert "Привет, 世 界" in terminal.text or "Привет, 世界" in terminal.text
    assert asked(simulator) == [[("user", "Почему небо голубое? 空 👩‍🚀")]]


def test_a_question_on_the_command_line_is_asked_first(open_chat, asked):
    terminal, simulator = open_chat("answer", flags=("what", "now?"), ready="2 messages")
    assert "answer" in terminal.text
    assert asked(simulator) == [[("user", "what now?")]]


@pytest.mark.parametrize("history", ["true", "false"])
def test_a_question_of_the_command_line_that_fails_is_in_the_history(open_chat, asked, history):
    terminal, simulator = open_chat(
        {"fail": "500"},
        "fine",
        flags=("--retries", "0", "what now?"),
        ready=AGAIN,
        env={"MIRA_HISTORY": history},
    )
    terminal.wait_for(f"\n› {AGAIN[:-1]}\n")
    terminal.type("\x1b[A")
    terminal.wait_for("\n› what now?\n")
    terminal.type("\r")
    terminal.wait_for("fine")
    assert [messages[-1][1] for messages in asked(simulator)] == ["what now?", "what now?"]


def test_a_long_message_is_shown_by_its_first_lines_and_sent_whole(open_chat, asked):
    terminal, simulator = open_chat("one", "two", "three")
    long = "\n".join(f"line {number}" for number in range(1, 82))
    terminal.paste(long.replace("\n", "\r"))
    terminal.wait_for("line 81")
    terminal.type("\r")
    terminal.wait_for("\none\n")
    history = "\n".join(
        "".join(row[x].data for x in range(80)).rstrip() for row in terminal.screen.history.top
    )
    seen = f"{history}\n{terminal.text}"
    assert "› line 1\n  line 2\n  line 3\n  line 4\n  line 5\n… 76 more lines\n" in seen
    assert "line 6\n" not in seen
    terminal.type("\x1b[A")
    terminal.wait_for("line 81")
    terminal.type("\r")
    terminal.wait_for("\ntwo\n")
    assert [messages[-1][1] for messages in asked(simulator)] == [long, long]
    twenty = "\n".join(f"row {number}" for number in range(1, 21))
    terminal.paste(twenty.replace("\n", "\r"))
    terminal.wait_for("row 20")
    terminal.type("\r")
    terminal.wait_for("\nthree\n")
    assert "row 20\n" in terminal.text
