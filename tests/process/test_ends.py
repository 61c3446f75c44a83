"""How a run ends: signals in each phase, readers that leave, streams that are closed or full."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time

import pytest

SIGNALS = [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]


def finish(process, timeout=60):
    out, err = process.communicate(timeout=timeout)
    return process.returncode, (out or b"").decode(), (err or b"").decode()


def run(words, env, **more):
    given = {} if "input" in more else {"stdin": subprocess.DEVNULL}
    return subprocess.run(words, env=env, capture_output=True, timeout=60, check=False, **given, **more)


def wait_until_full(pipe):
    """Until nothing more goes into a pipe that nobody reads."""
    with open(f"/proc/self/fd/{pipe}", "wb") as other_end:
        while select.select([], [other_end], [], 0)[1]:
            time.sleep(0.01)


def quiet(err):
    return "Traceback" not in err and "Exception" not in err


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_a_signal_while_waiting(start, simulator, number, code):
    simulator.fail("no-answer")
    process = start("ask", "x")
    assert simulator.wait_for(1)
    process.send_signal(number)
    got, out, err = finish(process)
    assert (got, out) == (code, "")
    assert quiet(err)


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_a_signal_while_streaming(start, simulator, number, code):
    simulator.fail("stall")
    process = start("ask", "x")
    first = os.read(process.stdout.fileno(), 100).decode()
    process.send_signal(number)
    got, out, err = finish(process)
    assert got == code
    assert (first + out).strip()
    assert (first + out).endswith("\n")
    assert quiet(err)


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_a_signal_in_a_countdown(start, simulator, number, code):
    simulator.fail("429-seconds")
    process = start("ask", "-v", "x")
    assert simulator.wait_for(1)
    while b"etry" not in process.stderr.readline():
        pass
    process.send_signal(number)
    got, out, err = finish(process)
    assert (got, out) == (code, "")
    assert quiet(err)


@pytest.mark.parametrize(
    "words", [["ask", "x"], ["ask", "--json", "x"], ["ask", "--events", "x"], ["batch", "-"]]
)
def test_a_signal_does_not_wait_for_a_reader_that_sleeps(start, simulator, words):
    simulator.say("word " * 60_000)
    reading, writing = os.pipe()
    process = start(*words, stdin=subprocess.PIPE, stdout=writing, stderr=writing)
    os.close(writing)
    process.stdin.write(b'{"question": "x"}\n')
    process.stdin.close()
    wait_until_full(reading)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 143
    os.close(reading)


def test_a_reader_that_woke_up_gets_the_end_of_what_a_signal_stopped(start, simulator):
    simulator.say("word " * 60_000)
    process = start("ask", "x")
    wait_until_full(process.stdout.fileno())
    process.send_signal(signal.SIGTERM)
    got, out, err = finish(process)
    assert (got, err) == (143, "mira: Stopped.\n")
    assert out.endswith("\n")


def test_an_interrupted_run_tells_programs(start, simulator):
    import json

    simulator.fail("no-answer")
    process = start("ask", "--json", "x")
    assert simulator.wait_for(1)
    process.send_signal(signal.SIGTERM)
    got, out, _ = finish(process)
    assert got == 143
    assert json.loads(out)["error"]["type"] == "interrupted"


def test_a_reader_that_leaves(start, simulator):
    simulator.say({"text": "one\n" + "more\n" * 50_000, "rate": 2000})
    process = start("ask", "x")
    assert os.read(process.stdout.fileno(), 4)
    process.stdout.close()
    process.stdout = None
    got, _, err = finish(process)
    assert (got, err) == (141, "")
    assert simulator.wait_idle()
    assert simulator.left == 1


@pytest.mark.parametrize("fault", ["no-answer", "stall-before-text", "stall", "503"])
@pytest.mark.parametrize("flags", [(), ("--json",), ("--code", "-c", "kept.json"), ("--retries", "5")])
def test_a_reader_that_leaves_while_nothing_comes(start, simulator, tmp_path, fault, flags):
    """Not found out by writing: it is the wait itself that ends."""
    simulator.fail(fault)
    process = start("ask", *flags, "x", cwd=tmp_path, extra={"MIRA_TIMEOUT": "600"})
    assert simulator.wait_for(1)
    process.stdout.close()
    process.stdout = None
    got, _, err = finish(process)
    assert (got, err) == (141, "")
    assert not (tmp_path / "kept.json").exists()


def test_a_reader_that_leaves_a_chat(start, simulator):
    simulator.fail("no-answer")
    process = start("chat", stdin=subprocess.PIPE)
    process.stdin.write(b"one\ntwo\n")
    process.stdin.flush()
    assert simulator.wait_for(1)
    process.stdout.close()
    process.stdout = None
    got, _, err = finish(process)
    assert (got, err) == (141, "")


def test_a_reader_that_has_enough_ends_the_run_silently(env, simulator):
    simulator.say("one\ntwo\nthree\n" + "x\n" * 100_000)
    script = "set -o pipefail; mira ask x | head -1; echo ${PIPESTATUS[0]}"
    done = run(["bash", "-c", script], env)
    assert done.stdout.decode().split() == ["one", "141"]
    assert done.stderr == b""


@pytest.mark.needs("/dev/full")
def test_a_full_disk(start, simulator):
    with open("/dev/full", "w") as full:
        got, _, err = finish(start("ask", "x", stdout=full))
    assert got == 1
    assert "No space left on device" in err
    assert simulator.requests == []


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_the_shell_closed(env, simulator, closed):
    done = run(["bash", "-c", f"mira ask x {closed}"], env)
    assert done.returncode == (1 if ">&-" in closed.replace("2>&-", "") else 0)
    assert quiet(done.stderr.decode())
    assert len(simulator.requests) == (0 if done.returncode else 1)


def test_stdin_that_nobody_writes_to(start):
    reading, writing = os.pipe()
    process = start("ask", "x", stdin=reading)
    line = process.stderr.readline().decode()
    assert line == "Reading standard input… (--no-stdin skips it)\n"
    os.close(writing)
    os.close(reading)
    assert finish(process)[0] == 0


def test_piped_bytes_that_are_no_text_are_refused(env):
    done = run(["mira", "ask", "x"], env, input=b"a\0b")
    assert done.returncode == 2
    assert b"looks binary" in done.stderr


def test_words_that_are_not_utf8(env, simulator):
    done = run(["mira", "ask", b"caf\xe9"], env)
    assert done.returncode == 0
    assert simulator.requests[-1].question == "caf\ufffd"


@pytest.mark.parametrize(
    "variables", [{"LC_ALL": "C"}, {"LANG": "C"}, {"LC_ALL": "POSIX", "PYTHONUTF8": "0"}]
)
def test_the_answer_is_utf8_in_any_locale(start, simulator, variables):
    simulator.say("Привет")
    assert finish(start("ask", "x", extra=variables))[:2] == (0, "Привет\n")


@pytest.mark.parametrize("home", ["", "/nowhere/at/all", None])
def test_without_a_home_a_question_is_answered(start, env, home):
    del env["MIRA_CONFIG_DIR"]
    del env["HOME"]
    got, out, err = finish(start("ask", "hi", extra={} if home is None else {"HOME": home}))
    assert (got, err) == (0, "")
    assert out


def test_each_chunk_is_flushed(start, simulator):
    simulator.say({"text": ["one ", "two"], "rate": 0.01})
    process = start("ask", "x")
    assert os.read(process.stdout.fileno(), 100) == b"one "  # the next comes after 100 s


def test_the_module_runs_in_a_folder_with_names_of_libraries(env, tmp_path):
    for name in ("httpx", "rich", "typer", "click"):
        (tmp_path / "work" / name).mkdir(parents=True)
        (tmp_path / "work" / name / "__init__.py").write_text("raise SystemExit('the wrong one')")
    for words in (["ask", "hi"], ["--help"]):
        done = run([sys.executable, "-m", "mira_cli", *words], env, cwd=tmp_path / "work")
        assert (done.returncode, done.stderr) == (0, b"")


def test_a_folder_that_was_removed(env, tmp_path):
    removed = f'mkdir "{tmp_path}/removed" && cd "{tmp_path}/removed" && rmdir "{tmp_path}/removed" && '
    for words in ("mira", f"{sys.executable} -m mira_cli"):
        done = run(["sh", "-c", f"{removed}exec {words} ask hi"], env)
        assert (done.returncode, done.stderr) == (0, b"")
        assert done.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            "mira ask -c talk.json hi",
            "mira: talk.json is in a working directory that no longer exists.\nChange to another directory.\n",
        ),
        (
            "env MIRA_CONFIG_DIR=here mira ask hi",
            "mira: MIRA_CONFIG_DIR here is relative to a directory that no longer exists.\nSet it to an absolute path.\n",
        ),
    ],
)
def test_a_file_in_a_folder_that_was_removed(env, tmp_path, words, says):
    removed = f'mkdir "{tmp_path}/removed" && cd "{tmp_path}/removed" && rmdir "{tmp_path}/removed" && '
    done = run(["sh", "-c", f"{removed}exec {words}"], env)
    assert (done.returncode, done.stdout, done.stderr.decode()) == (2, b"", says)


def test_a_config_directory_that_is_a_file_holds_no_settings(env, tmp_path):
    (tmp_path / "config").write_text("")
    done = run(["mira", "config", "get", "model"], env)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"mira\n", b"")
