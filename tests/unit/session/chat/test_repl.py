"""The loop of a chat, stopped and failing at every point. The person is a list of lines."""

from __future__ import annotations

from contextlib import ExitStack
from io import BytesIO
from time import sleep

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mira_cli.conversation.history import Conversation
from mira_cli.errors import Interrupted, OutputError, ReaderGone
from mira_cli.session.chat.chat import Chat
from mira_cli.session.chat.repl import completions, converse, joined
from mira_cli.session.opening import budget_from, open_session
from mira_cli.session.signals import Signalled
from mira_cli.session.startup import open_settings
from mira_cli.settings.keys import Key
from rig.simulator import Simulator
from rig.streams import buffered


class Person:
    """Types these lines, or presses these keys (exceptions), then leaves; keeps the drafts that were shown."""

    def __init__(self, *lines):
        self.lines = list(lines)
        self.drafts = []

    def remember(self, text):
        """Nothing."""

    def read(self, draft="", placeholder="", *, returned=False):
        """The next line."""
        self.drafts.append(draft)
        line = self.lines.pop(0) if self.lines else EOFError()
        if isinstance(line, BaseException):
            raise line
        return line


class Writer:
    """Takes a reply; raises at a point what it is told to raise there."""

    def __init__(self, at):
        self._at = at

    def __getattr__(self, name):
        def act(*_args):
            if name in self._at:
                raise self._at[name]

        return act


class Talk:
    """A chat with a simulator, whose writers act as told, one after the other."""

    def __init__(self, session, env, person, simulator, shown, writers):
        self.session, self.person, self.simulator, self._shown = session, person, simulator, shown
        session.new_writer = lambda: Writer(writers.pop(0) if writers else {})
        self.chat = Chat(session, Key("sk-mira-x", "test"), person)

    def converse(self, first=""):
        """The person types until they leave."""
        converse(self.chat, self.person, first)

    @property
    def shown(self):
        """What stands on standard error."""
        return self._shown.getvalue().decode()

    @property
    def turns(self):
        """Question, reply, cut of each turn."""
        return [(t.question.content, t.reply.content, t.cut) for t in self.session.conversation.turns]


@pytest.fixture
def run_chat(tmp_path):
    """Opens a chat in which somebody types these lines; `replies` and `writers` in their order."""
    with ExitStack() as running:

        def start(*lines, replies=(), writers=()):
            simulator = running.enter_context(Simulator(script=replies))
            env = {
                "MIRA_BASE_URL": simulator.base_url,
                "MIRA_API_KEY": simulator.key,
                "MIRA_CONFIG_DIR": str(tmp_path / "config"),
                "MIRA_RETRIES": "0",
            }
            stderr = BytesIO()
            streams = buffered(None, BytesIO(), stderr, env=env)
            settings = open_settings(streams, env, {})
            session = open_session(streams, env, settings, Conversation(budget=budget_from(settings)))
            running.callback(session.client.close)
            return Talk(session, env, Person(*lines), simulator, stderr, list(writers))

        yield start


def test_what_is_typed_is_asked_until_the_person_leaves(run_chat):
    begun = run_chat("two", "/exit", "three", replies=["1", "2"])
    begun.converse("one")
    assert begun.turns == [("one", "1", False), ("two", "2", False)]
    assert begun.person.lines == ["three"]
    assert begun.shown.startswith("› one\n2 questions · ")


def test_nothing_asked_nothing_said(run_chat):
    begun = run_chat("", "  ")
    begun.converse()
    assert begun.shown == ""


def test_ctrl_c_before_the_first_word(run_chat):
    begun = run_chat("one", "one", replies=["1", "2"], writers=[{"start": KeyboardInterrupt()}])
    begun.converse()
    assert begun.person.drafts == ["", "one", ""]
    assert begun.turns == [("one", "1", False)]


def test_a_question_with_a_slash_comes_back_as_it_is_typed(run_chat):
    begun = run_chat(
        "//help me", "//help me", "/edit", replies=["1"], writers=[{"start": KeyboardInterrupt()}]
    )
    begun.converse()
    assert begun.person.drafts == ["", "//help me", "", "//help me"]
    assert begun.turns == [("/help me", "1", False)]


def test_ctrl_c_within_a_reply_keeps_it(run_chat):
    begun = run_chat("one", "two", replies=["1", "2"], writers=[{"write": KeyboardInterrupt()}])
    begun.converse()
    assert begun.turns == [("one", "1", True), ("two", "2", False)]
    assert "Stopped; the partial reply stays in the chat." in begun.shown
    assert begun.person.drafts == ["", "", ""]


def test_ctrl_c_at_the_end_of_a_reply_loses_nothing(run_chat):
    begun = run_chat("one", "two", replies=["1", "2"], writers=[{"done": KeyboardInterrupt()}])
    begun.converse()
    assert begun.turns == [("one", "1", False), ("two", "2", False)]


def test_a_second_ctrl_c_during_the_stop_ends_at_once(run_chat):
    begun = run_chat(
        "one",
        "two",
        replies=["1", "2"],
        writers=[{"write": KeyboardInterrupt(), "fail": KeyboardInterrupt()}],
    )
    with pytest.raises(KeyboardInterrupt):
        begun.converse()
    assert begun.person.lines == ["two"]


def test_ctrl_c_between_two_states_changes_nothing(run_chat):
    begun = run_chat("one", KeyboardInterrupt(), "two", replies=["1", "2"])
    begun.converse()
    assert [question for question, *_ in begun.turns] == ["one", "two"]


@pytest.mark.parametrize("where", ["start", "write"])
def test_a_signal_ends_it_with_its_code(run_chat, where):
    begun = run_chat("one", "two", replies=["1", "2"], writers=[{where: Signalled(15)}])
    with pytest.raises((Interrupted, Signalled)) as caught:
        begun.converse()
    assert caught.value.exit_code == 143
    assert begun.turns == ([("one", "1", True)] if where == "write" else [])


def test_a_signal_at_the_input_line_ends_it(run_chat):
    begun = run_chat(Signalled(1), "one")
    with pytest.raises(Signalled):
        begun.converse()


@pytest.mark.parametrize("error", [OutputError("disk full"), ReaderGone()])
def test_answers_that_cannot_be_written_end_it(run_chat, error):
    begun = run_chat("one", "two", replies=["1", "2"], writers=[{"write": error}])
    with pytest.raises(type(error)):
        begun.converse()
    assert begun.person.lines == ["two"]


@pytest.mark.parametrize("command", ["/retry", "/edit two"])
def test_that_holds_for_commands_that_ask(run_chat, command):
    begun = run_chat(
        "one", command, "three", replies=["1", "2"], writers=[{}, {"write": OutputError("full")}]
    )
    with pytest.raises(OutputError):
        begun.converse()
    assert begun.person.lines == ["three"]


def test_a_conversation_that_cannot_be_saved_does_not_end_it(run_chat, tmp_path):
    begun = run_chat("one", f"/save {tmp_path}/missing/talk.md", "two", replies=["1", "2"])
    begun.converse()
    assert "Cannot write" in begun.shown
    assert len(begun.turns) == 2


def test_after_an_error_the_input_line_is_empty(run_chat):
    begun = run_chat("one", "/retry", replies=[{"fail": "500"}, "1"])
    begun.converse()
    assert begun.person.drafts == ["", "", ""]
    assert "↑ or /retry asks again." in begun.shown
    assert begun.turns == [("one", "1", False)]


def test_a_refusal_that_another_try_does_not_change_offers_none(run_chat):
    begun = run_chat("one", replies=[{"fail": "400"}])
    begun.converse()
    assert "asks again" not in begun.shown
    assert begun.person.drafts == ["", ""]


def test_a_question_that_is_too_large_stays_in_the_input_line(run_chat):
    long = "x" * 32_001
    begun = run_chat(long, "/set context 100", "y" * 9_000, replies=[])
    begun.converse()
    assert "The question is 32,001 bytes" in begun.shown
    assert begun.person.drafts == ["", long, "", "y" * 9_000]
    assert begun.simulator.requests == []


def test_undo_takes_the_unanswered_question_first(run_chat):
    begun = run_chat("one", "two", "/undo", "/undo", "/undo", replies=["1", {"fail": "400"}])
    begun.converse()
    assert begun.turns == []
    assert begun.shown.count("Undone: two\n") == 1
    assert begun.shown.index("Undone: two") < begun.shown.index("Undone: one")
    assert "There is nothing to undo." in begun.shown


def test_after_undo_retry_asks_the_question_before(run_chat):
    begun = run_chat("one", "two", "/undo", "/retry", replies=["1", {"fail": "400"}, "1 again"])
    begun.converse()
    assert begun.turns == [("one", "1 again", False)]


def test_clear_clears_a_failed_question_too(run_chat):
    begun = run_chat("one", "/clear", "/retry", "/edit", replies=[{"fail": "400"}])
    begun.converse()
    assert "There is no question to ask again yet." in begun.shown
    assert "There is no question to edit yet." in begun.shown
    assert begun.person.drafts == [""] * 5


def test_edit_after_a_failure_replaces_no_turn(run_chat):
    begun = run_chat("one", "two", "/edit", "two!", replies=["1", {"fail": "400"}, "2"])
    begun.converse()
    assert begun.person.drafts == ["", "", "", "two", ""]
    assert begun.turns == [("one", "1", False), ("two!", "2", False)]


def test_a_file_that_was_added_after_a_failure_is_not_lost(run_chat, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).write_text(name * 3)
    begun = run_chat(
        f"/file {tmp_path}/a", "one", f"/file {tmp_path}/b", "/retry", replies=[{"fail": "400"}, "1"]
    )
    begun.converse()
    assert "aaa" in begun.turns[0][0]
    assert "bbb" not in begun.turns[0][0]
    assert [text for _, text in begun.chat.files] == ["bbb"]


def test_a_retry_that_is_stopped_leaves_the_reply_that_was(run_chat):
    begun = run_chat("one", "/retry", replies=["1", "2"], writers=[{}, {"start": KeyboardInterrupt()}])
    begun.converse()
    assert begun.turns == [("one", "1", False)]


def test_a_rest_that_is_stopped_is_still_joined(run_chat):
    begun = run_chat(
        "one", "/continue", replies=["abc", "def"],
        writers=[{"write": KeyboardInterrupt()}, {"write": KeyboardInterrupt()}],
    )  # fmt: skip
    begun.converse()
    assert begun.turns == [("one", "abcdef", True)]


def test_a_pinned_question_stays_pinned_when_it_is_asked_again(run_chat):
    begun = run_chat("one", "/pin 1", "/retry", replies=["1", "2"])
    begun.converse()
    (turn,) = begun.session.conversation.turns
    assert (turn.reply.content, turn.pinned) == ("2", True)


@pytest.mark.parametrize("again", ["one!", "/retry"])
def test_an_edited_question_that_fails_leaves_the_old_one_and_can_be_sent_again(run_chat, again):
    begun = run_chat("one", "/edit", "one!", again, replies=["1", {"fail": "500"}, "3"])
    begun.converse()
    assert begun.person.drafts == ["", "", "one", "", ""]
    assert begun.turns == [("one!", "3", False)]


def test_an_edited_question_that_failed_is_undone_alone(run_chat):
    begun = run_chat("one", "/edit", "one!", "/undo", "two", replies=["1", {"fail": "500"}, "2"])
    begun.converse()
    assert begun.turns == [("one", "1", False), ("two", "2", False)]


def test_an_edited_question_that_is_stopped_comes_back_to_be_changed(run_chat):
    stopped = [{}, {"start": KeyboardInterrupt()}]
    begun = run_chat("one", "/edit", "one!", "one?", replies=["1", "3"], writers=stopped)
    begun.converse()
    assert begun.person.drafts == ["", "", "one", "one!", ""]
    assert begun.turns == [("one?", "3", False)]


def test_a_pin_is_answered_with_the_text_of_that_message(run_chat):
    begun = run_chat("question one", "/pin 2", "/pin 1", "/unpin 2", replies=["reply one"])
    begun.converse()
    assert "Pinned: reply one\nUnpinned: question one\nUnpinned: reply one\n" in begun.shown


def test_hints_are_in_the_words_of_a_chat(run_chat):
    begun = run_chat("x" * 9_000, "/set context 1000", "y" * 9_000)
    begun.converse()
    assert "/set context" in begun.shown
    assert "--" not in begun.shown
    assert "mira " not in begun.shown


def test_errors_name_what_works_in_a_chat(run_chat):
    begun = run_chat("/set foo", "/set modell x", "hi", replies=[{"fail": "context"}])
    begun.converse()
    assert "List them with: /set\n" in begun.shown
    assert "/model" in begun.shown
    assert "mira config" not in begun.shown
    assert "mira models" not in begun.shown


def test_the_numbers_agree(run_chat):
    counts = ({"prompt_tokens": 42, "completion_tokens": 18}, {"prompt_tokens": 61, "completion_tokens": 120})
    begun = run_chat(
        "one", "/context", "two", "/context", "/undo", "/context",
        replies=[{"text": "1", "usage": counts[0]}, {"text": "2", "usage": counts[1]}],
    )  # fmt: skip
    begun.converse()
    assert "\n60 of 27,034 tokens are sent with the next question.\n" in begun.shown
    assert "\n181 of 27,034 tokens are sent with the next question.\n" in begun.shown
    assert begun.shown.count("\n~") == 1  # what the server has not counted in this form
    assert begun.shown.endswith("2 questions · 241 tokens\n")


def test_commands_and_their_values_complete(run_chat):
    chat = run_chat().chat
    chat.models.names()
    while not chat.models.listed:
        sleep(0.001)

    def words(before):
        return [word for word, _ in completions(chat, before)]

    assert ("/retry", "Ask the last question again.") in completions(chat, "")
    assert ("/bye", "Quit.") in completions(chat, "")
    assert "exit" not in words("")
    assert completions(chat, "/file") is completions(chat, "/load a") is None
    assert "mira-pro" in words("/model")
    assert "mira-pro" in words("/set model")
    assert {"temperature", "key", "theme"} <= set(words("/set"))
    assert "base_url" not in words("/set")
    assert words("/set stream") == ["true", "false"]
    assert "dark" in words("/set theme")
    assert words("/copy") == ["code"]
    assert words("/set nonsense") == words("/retry") == words("/nonsense") == []


@pytest.mark.parametrize(
    ("lines", "messages"),
    [
        ([], []),
        (["a", "b"], ["a", "b"]),
        (["a\\", "b", "c"], ["a\nb", "c"]),
        (["a\\"], ["a"]),
        (["a \\", "\\", "b"], ["a \n\nb"]),
        (["\\a"], ["\\a"]),
    ],
)
def test_a_backslash_joins(lines, messages):
    assert list(joined(lines)) == messages


_LINE = st.text().filter(lambda line: "\n" not in line and not line.endswith("\\"))


@given(st.lists(st.lists(_LINE, min_size=1)))
def test_what_is_taken_apart_comes_together(messages):
    lines = [line for parts in messages for line in (*(f"{part}\\" for part in parts[:-1]), parts[-1])]
    assert list(joined(lines)) == ["\n".join(parts) for parts in messages]
