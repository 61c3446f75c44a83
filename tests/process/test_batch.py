"""`mira batch` as a process: killed and begun again, interrupted, fed line by line, with a reader that leaves."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import time
from collections import Counter

import pytest

KILLS = 20
JOBS = 3
ROWS = 30 * KILLS  # more than the runs that are killed get through, however fast the machine
# What a kill can cost: rows under way, and answers held back for their order.
AT_STAKE = 2 * JOBS


def write_questions(path, count):
    path.write_text("".join(f'{{"question": "Number {number}?"}}\n' for number in range(count)))
    return str(path)


def rows_of(path):
    """The rows of a file of answers that are whole, without what differs from run to run."""
    rows = [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]] if path.exists() else []
    for row in rows:
        row.pop("elapsed", None)
    return rows


def test_killed_at_any_moment_it_goes_on_without_a_row_lost_doubled_or_paid_twice(simulator, start, tmp_path):
    questions = write_questions(tmp_path / "questions.jsonl", ROWS)
    straight, resumed = tmp_path / "straight.jsonl", tmp_path / "resumed.jsonl"
    words = ("batch", questions, "--per-minute", "0", "--jobs", str(JOBS), "-o")
    assert start(*words, str(straight)).wait() == 0
    simulator.requests.clear()
    assert "127.0.0.1" in simulator.base_url
    chance = random.Random(20)
    at_stake = []
    for kill in range(KILLS):
        # By the host it is asked for a request is known as one of this run: one of the run before may be read late.
        host = ("127.0.0.1", "localhost")[kill % 2]
        env = {"MIRA_BASE_URL": simulator.base_url.replace("127.0.0.1", host)}
        before = len(simulator.requests)
        already = {f"Number {row['id'] - 1}?" for row in rows_of(resumed)}
        process = start(*words, str(resumed), extra=env)
        assert simulator.wait_for(before + chance.randint(1, 12))
        time.sleep(chance.uniform(0, 0.01))
        process.kill()
        assert process.wait() == -signal.SIGKILL
        assert simulator.wait_idle()
        requests = [each for each in simulator.requests[before:] if each.headers["host"].startswith(host)]
        asked = [request.question for request in requests]
        assert len(set(asked)) == len(asked)
        assert not already & set(asked)
        kept = {f"Number {row['id'] - 1}?" for row in rows_of(resumed)}
        at_stake.append(len(set(asked) - kept))
    assert max(at_stake) <= AT_STAKE
    assert start(*words, str(resumed)).wait() == 0
    assert rows_of(resumed) == rows_of(straight)
    assert len(rows_of(resumed)) == ROWS
    counts = Counter(request.question for request in simulator.requests)
    assert len(counts) == ROWS
    assert sum(counts.values()) - ROWS <= KILLS * AT_STAKE


def test_concurrent_requests_do_not_read_each_others_answers(start, tmp_path):
    questions = write_questions(tmp_path / "questions.jsonl", 500)
    process = start("batch", questions, "--jobs", "3", "--per-minute", "0")
    out, stderr = process.communicate()
    assert (process.returncode, stderr) == (0, b"500 of 500 rows answered.\n")
    assert len(out.splitlines()) == 500


def test_a_second_writer_is_refused_and_the_first_goes_on(simulator, start, tmp_path):
    questions, out = write_questions(tmp_path / "questions.jsonl", 3), tmp_path / "out.jsonl"
    simulator.fail("stall:1")
    first = start("batch", questions, "-o", str(out))
    assert simulator.wait_for(2)
    second = start("batch", questions, "-o", str(out))
    _, stderr = second.communicate()
    assert second.returncode == 2
    assert f"mira: Another mira process is using {out}.\n".encode() in stderr
    assert first.poll() is None


def test_ctrl_c_keeps_what_is_finished_and_the_same_command_goes_on(simulator, start, tmp_path):
    questions, out = write_questions(tmp_path / "questions.jsonl", 6), tmp_path / "out.jsonl"
    simulator.say({"match": "Number 0?", "fail": "stall"})
    process = start("batch", questions, "-o", str(out), "-v")
    read = 0
    while read < 3:  # of the window: the first row and three after it
        read += b"complete after" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    stderr = process.stderr.read()  # communicate() would miss what the last line was read with
    assert process.wait() == 130
    assert b"Run the same command again to continue." in stderr
    finished = {row["id"] for row in rows_of(out)}
    assert len(finished) == 3  # finished, held back behind the one that stalls
    assert start("batch", questions, "-o", str(out)).wait() == 0
    rows = rows_of(out)
    assert sorted(row["id"] for row in rows) == [1, 2, 3, 4, 5, 6]
    assert all("text" in row for row in rows)


FINISHING = b"Finishing the rows under way (2 s) \xe2\x80\xa6\n"


@pytest.mark.parametrize("flags", [(), ("-q",)])
def test_ctrl_c_says_what_it_waits_for_and_again_it_waits_no_longer(simulator, start, tmp_path, flags):
    questions, out = write_questions(tmp_path / "questions.jsonl", 3), tmp_path / "out.jsonl"
    simulator.say({"match": "Number 0?", "fail": "stall"})
    process = start("batch", questions, "-o", str(out), "--jobs", "1", *flags)
    assert simulator.wait_for(1)
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    if not flags:
        assert process.stderr.readline() == FINISHING
        time.sleep(max(0, begun + 0.4 - time.monotonic()))  # sooner it counts as the same one
        process.send_signal(signal.SIGINT)
    stderr = process.stderr.read()  # communicate() would miss what the line before was read with
    assert process.wait() == 130
    assert FINISHING not in stderr
    assert stderr.startswith(b"mira: 0 of 3 rows answered, 3 left.\n")
    assert stderr.endswith(b"mira: Stopped.\n")


def test_term_ends_it_as_ctrl_c_does(simulator, start, tmp_path):
    questions = write_questions(tmp_path / "questions.jsonl", 3)
    simulator.fail("no-answer")
    process = start("batch", questions)
    assert simulator.wait_for(2)
    process.terminate()
    out, stderr = process.communicate()
    assert (process.returncode, out) == (143, b"")
    assert b"mira: Stopped.\n" in stderr


def test_a_wait_for_the_next_turn_ends_with_the_run(simulator, start, tmp_path):
    questions = write_questions(tmp_path / "questions.jsonl", 3)
    process = start("batch", questions, "--per-minute", "1", stderr=subprocess.DEVNULL)
    assert process.stdout.readline().startswith(b'{"id":1,')
    process.send_signal(signal.SIGINT)
    assert process.stdout.read() == b""
    assert process.wait() == 130
    assert len(simulator.requests) == 1


def test_standard_input_is_read_as_it_comes(start):
    process = start("batch", "-", "--lines", stdin=subprocess.PIPE)
    for number in (1, 2, 3):
        process.stdin.write(f"Question {number}\n".encode())
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["id"] == number
    process.communicate()
    assert process.returncode == 0


def test_an_end_does_not_wait_for_more_input(simulator, start):
    simulator.fail("401")
    process = start("batch", "-", "--lines", stdin=subprocess.PIPE)
    process.stdin.write(b"Question\n")
    process.stdin.flush()
    assert process.wait() == 4


def test_a_reader_that_leaves_ends_it_silently(start, tmp_path):
    questions = write_questions(tmp_path / "questions.jsonl", 300)
    process = start("batch", questions, "--per-minute", "0")
    process.stdout.readline()
    process.stdout.close()
    assert process.wait() == 141
    assert process.stderr.read() == b""


def test_a_reader_that_leaves_ends_it_while_a_row_is_under_way(simulator, start, tmp_path):
    simulator.say({"match": "Number 1?", "fail": "stall"})
    process = start("batch", write_questions(tmp_path / "questions.jsonl", 3), "--jobs", "1")
    assert process.stdout.readline().startswith(b'{"id":1,')
    assert simulator.wait_for(2)
    process.stdout.close()
    assert process.wait() == 141
    assert process.stderr.read() == b""


def test_a_full_disk_leaves_no_half_row(start, tmp_path):
    questions, out = write_questions(tmp_path / "questions.jsonl", 20), tmp_path / "out.jsonl"
    words = ("batch", questions, "--per-minute", "0", "-o", str(out))
    process = start(*words, preexec_fn=_small_files)
    _, stderr = process.communicate()
    assert process.returncode == 1
    assert f"mira: Cannot write {out}: ".encode() in stderr
    assert out.read_bytes().endswith(b"}\n")
    assert start(*words).wait() == 0
    assert [row["id"] for row in rows_of(out)] == list(range(1, 21))


def _small_files():
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
