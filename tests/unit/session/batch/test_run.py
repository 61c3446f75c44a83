"""A run of a batch that Ctrl-C breaks into at the worst moments: each row that is answered is written, once."""

from __future__ import annotations

import json
import signal
import sys
from io import BytesIO
from threading import Event, main_thread

import pytest

from mira_cli.conversation.message import Options
from mira_cli.conversation.reply import Usage
from mira_cli.errors import Interrupted
from mira_cli.session.batch import run
from mira_cli.session.batch.answers import Answers
from mira_cli.session.batch.checkpoint import open_checkpoint
from mira_cli.session.batch.rows import Row
from mira_cli.session.batch.run import drive
from mira_cli.session.batch.workers import Halted, Workers
from mira_cli.terminal.result import Result
from rig.streams import buffered

COUNT = 6


def interrupted(what):
    """The same, with Ctrl-C just when it has done its work for the first time."""
    pressed = []

    def done_then_interrupted(*args, **kwargs):
        made = what(*args, **kwargs)
        if not pressed:
            pressed.append(signal.SIGINT)
            signal.pthread_kill(main_thread().ident, signal.SIGINT)
        return made

    return done_then_interrupted


def interrupt_the_taking(answers, workers):
    workers._write = interrupted(workers._write)


def interrupt_the_writing(answers, workers):
    answers.checkpoint.append = interrupted(answers.checkpoint.append)


@pytest.mark.parametrize(
    "interrupt",
    [interrupt_the_taking, interrupt_the_writing],
    ids=lambda each: each.__name__,
)
def test_ctrl_c_at_any_moment_loses_no_answered_row_and_writes_none_twice(interrupt, tmp_path):
    assert_all_is_written_once(tmp_path, interrupt)


@pytest.mark.parametrize("line", range(24))
def test_ctrl_c_in_any_line_of_the_wait_is_ctrl_c(line, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "_TICK", 0.002)
    lines, working, waiting, raised = iter(range(line)), Event(), [], Event()

    def step(frame, event, _argument):
        if event == "line" and working.is_set() and frame.f_code is drive.__code__:
            waiting.append(frame)
        if event == "line" and waiting and next(lines, None) is None:
            sys.settrace(None)
            raised.set()
            signal.raise_signal(signal.SIGINT)
        return step

    def work():
        working.set()
        assert raised.wait(60)

    assert_all_is_written_once(tmp_path, lambda *_: sys.settrace(step), work)


@pytest.mark.parametrize(("total", "may_be_continued"), [(None, True), (2, True), (1, False)])
def test_ctrl_c_with_nothing_under_way_ends_at_once_and_says_what_is_left(total, may_be_continued):
    stderr, stopping, never = BytesIO(), Event(), Event()

    def rows():
        yield Row(1, "key", "What?", "", Options("mira"))
        never.wait(60)

    def press_when_idle():
        if answers.answered and not workers._under_way:
            signal.raise_signal(signal.SIGINT)

    answers = Answers(buffered(None, BytesIO(), stderr, env={}), None, stopping, total)
    workers = Workers(answer, answers, jobs=2)
    with pytest.raises(Interrupted):
        drive(workers, rows(), answers, press_when_idle)
    never.set()
    left = b"rows answered, 1 left" if total == 2 else b"row answered"
    assert stderr.getvalue().startswith(b"mira: 1 of %d %s.\n" % (total or 1, left))
    assert (b"same command" in stderr.getvalue()) == may_be_continued


def answer(row):
    return Result("text", "mira", "stop", Usage(1, 1, 2))


def assert_all_is_written_once(tmp_path, prepare, working=lambda: None):
    streams, stopping, answered = buffered(None, BytesIO(), BytesIO(), env={}), Event(), []

    def work(row):
        if stopping.is_set():
            raise Halted
        working()
        answered.append(row.id)
        return answer(row)

    rows = (Row(number, f"key {number}", "What?", "", Options("mira")) for number in range(COUNT))
    path = tmp_path / "answers.jsonl"
    with open_checkpoint(str(path), questions="-") as checkpoint:
        answers = Answers(streams, checkpoint, stopping, COUNT)
        workers = Workers(work, answers, jobs=2)
        prepare(answers, workers)
        with pytest.raises(Interrupted):
            drive(workers, rows, answers, lambda: None)
    assert answered
    assert [json.loads(line)["id"] for line in path.read_text().splitlines()] == sorted(answered)
