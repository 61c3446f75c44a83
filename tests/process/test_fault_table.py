"""The scenario table: every fault of the simulator against a process of the program, on a pipe and on a terminal."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import dropwhile
from pathlib import Path
from urllib.request import Request, urlopen

import pyte
import pytest

from mira_cli.simulator.faults import SHAPES
from mira_cli.terminal.sanitize import clean_line
from rig import errors, texts
from rig.errors import STATUSES
from rig.faults import FAULTS
from rig.simulator import Simulator

HERE = Path(__file__).parent
QUESTION = "Hello there"
MOST_MEMORY = 120  # MB

# All that we may send to a terminal: colours, erasing, the cursor's place, cursor and wrapping on and off,
# frames that are shown at once.
OURS = re.compile(r"\x1b\[(?:[0-9;]*[mKJ]|[0-9]*[AG]|\?(?:25|7|2026)[hl])|\r|\n")
# What must not reach a terminal as it came: controls, and what cannot be seen. Not joiners, selectors 1 to 16
# and the tags of a flag, which may stand in a good text.
FOREIGN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028\u2029\u2060-\u2065"
    "\u206a-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e01ef]"
)
FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,6}\U000e007f")


@dataclass
class Row:
    """A line of the table."""

    fault: str
    code: int
    type: str
    stdout: str
    tries: int
    limit: str
    stderr: str = ""


def read_rows():
    for line in (HERE / "scenarios.txt").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            fault, code, kind, stdout, tries, limit, *stderr = re.split(" +", line, maxsplit=6)
            yield Row(fault, int(code), kind, stdout, int(tries), limit, *stderr)


ROWS = list(read_rows())


def words_of(row, retries):
    return [
        "ask",
        "--no-stdin",
        "-m",
        f"fail-{row.fault}",
        "--retries",
        retries,
        "--timeout",
        row.limit,
        QUESTION,
    ]


def run_all(simulator, tmp_path, *, tty, retries):
    """How the program ended, for each row."""
    env = {
        "MIRA_BASE_URL": simulator.base_url,
        "MIRA_API_KEY": simulator.key,
        "MIRA_CONFIG_DIR": str(tmp_path / "config"),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
    }
    jobs = [
        {"argv": ["mira", *words_of(row, retries)], "env": env, "tty": tty, "seconds": 300} for row in ROWS
    ]
    command = [sys.executable, str(HERE / "fleet.py")]
    done = subprocess.run(command, input=json.dumps(jobs), capture_output=True, text=True, check=True)
    return list(zip(ROWS, json.loads(done.stdout), strict=True))


def whole_replies(simulator):
    """The text of each good reply, asked for in the plainest way there is; and the usual one."""
    usual = plain_reply(simulator, "mira")
    replies = {row.fault: usual for row in ROWS}
    replies |= {fault.name: plain_reply(simulator, f"fail-{fault.name}") for fault in texts.FAULTS}
    replies["separators"] = usual + "\u2028one\u2029two\u0085three\x0c\x0bfour"
    replies["split-pair"] = usual + "\U0001f600"
    replies["long-reply"] = (("A line of a very long reply.\n" * 40)[:1024]) * 8192
    simulator.requests.clear()
    return {fault: re.sub("[\ud800-\udfff]", "\ufffd", text) for fault, text in replies.items()}, usual


def plain_reply(simulator, model):
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": QUESTION}]}).encode()
    headers = {"Authorization": f"Bearer {simulator.key}", "Content-Type": "application/json"}
    with urlopen(Request(f"{simulator.base_url}/chat/completions", body, headers)) as answer:
        return json.load(answer)["choices"][0]["message"]["content"]


def is_expected(row, simulator, line):
    """Whether a line says what the table says; where it was wrapped does not count."""
    host = simulator.base_url.split("/")[2]
    pattern = row.stderr.replace("{host}", host).replace("{key}", simulator.key[:16]).replace("[", "[[]")
    return fnmatchcase("".join(line.removeprefix("mira: ").split()), "".join(pattern.split()))


def wrong_on_a_pipe(row, end, simulator, replies, usual):
    """What is not as the table says, in words."""
    out, err = (end[name].encode("latin-1").decode() for name in ("out", "err"))
    if end["code"] != row.code:
        yield f"code {end['code']}"
    if row.stdout == "whole" and out != replies[row.fault] + "\n" * (not replies[row.fault].endswith("\n")):
        yield f"not the whole reply: {out[-300:]!r}"
    if row.stdout == "half" and not (
        out.endswith("\n") and 20 < len(out) < len(usual) and usual.startswith(out[:-1])
    ):
        yield f"not half the reply: {out!r}"
    if row.stdout == "none" and out:
        yield f"something on stdout: {out[:300]!r}"
    lines = err.splitlines()
    error = list(dropwhile(lambda line: not line.startswith("mira: "), lines))  # notes stand before it
    if len(error or lines) > 2 or not any(is_expected(row, simulator, line) for line in lines or [""]):
        yield f"stderr: {err!r}"
    if row.code and not any(line.startswith("mira: ") for line in lines):
        yield f"no error line: {err!r}"
    if "Traceback" in err or FOREIGN.search(err.replace("\n", "")):
        yield f"stderr: {err!r}"
    tries = sum(one.body["model"] == f"fail-{row.fault}" for one in simulator.requests)
    if tries != row.tries:
        yield f"{tries} tries"
    yield from wrong_anywhere(end, simulator)


def wrong_on_a_terminal(row, end, simulator, usual):
    raw = end["out"].encode("latin-1").decode()
    if end["code"] != row.code:
        yield f"code {end['code']}"
    rest = FLAG.sub("", OURS.sub("", raw))
    if found := FOREIGN.search(rest):
        yield f"{found[0]!r} in {raw[-600:]!r}"
    if "Traceback" in raw:
        yield raw[-600:]
    for off, on in (("\x1b[?25l", "\x1b[?25h"), ("\x1b[?7l", "\x1b[?7h"), ("\x1b[?2026h", "\x1b[?2026l")):
        if raw.rfind(off) > raw.rfind(on):
            yield f"left in the state of {off!r}"
    if row.fault == "long-reply":
        if " ".join(rest.split()).count("reply.") != 8192 * 35:
            yield "not the whole reply"
    else:
        yield from wrong_on_the_screen(row, raw, simulator, usual)
    yield from wrong_anywhere(end, simulator)


def wrong_on_the_screen(row, raw, simulator, usual):
    screen = pyte.Screen(100, 60)
    pyte.Stream(screen).feed(
        re.sub("[\u200c\u200d\ufe0f\U000e0000-\U000e007f]", "", raw)
    )  # it stumbles over them
    if screen.cursor.attrs != screen.default_char or screen.cursor.x:
        yield f"the prompt would stand at column {screen.cursor.x}, {screen.cursor.attrs}"
    lines = [line.rstrip() for line in screen.display]
    shown = " ".join(" ".join(lines).split())
    if shown.count("(simulated reply)") != (row.stdout != "none"):
        yield f"the reply is not there once: {shown!r}"
    if "(simulated reply) before" in shown:
        if shown.count(" after") != 1:
            yield f"the end is not there once: {shown!r}"
    elif row.stdout == "whole" and shown.count(usual) != 1:
        yield f"not the whole reply: {shown!r}"
    if row.stderr and not any(is_expected(row, simulator, text) for text in messages(lines)):
        yield f"not said: {shown!r}"


def messages(lines):
    """Each line, and each with the ones after it that it may have been wrapped into."""
    for start in range(len(lines)):
        for end in range(start + 1, min(start + 6, len(lines) + 1)):
            yield "".join(lines[start:end])


def wrong_anywhere(end, simulator):
    if simulator.key in end["out"] + end["err"]:
        yield "the key is shown"
    if end["peak"] > MOST_MEMORY:
        yield f"{end['peak']:.0f} MB"


def report(ends, wrong, where):
    """The table as it came out, and what is not right."""
    lines = [f"{'fault on a ' + where:26} code  kept   seconds  peak MB"]
    lines += [
        f"{row.fault:26} {end['code']:4}  {row.stdout:5}  {end['seconds']:7.2f}  {end['peak']:7.0f}"
        for row, end in ends
    ]
    lines.append(f"{len(ends) - len(wrong)} of {len(ends)} rows right")
    return "\n".join(lines), "\n".join(f"{fault}: {'; '.join(what)}" for fault, what in wrong.items())


@pytest.fixture(scope="module")
def stand_in():
    with Simulator() as running:
        yield running


def test_every_fault_on_a_pipe(stand_in, tmp_path, record_property):
    replies, usual = whole_replies(stand_in)
    ends = run_all(stand_in, tmp_path, tty=False, retries="1")
    wrong = {
        row.fault: what
        for row, end in ends
        if (what := list(wrong_on_a_pipe(row, end, stand_in, replies, usual)))
    }
    table, faults = report(ends, wrong, "pipe")
    record_property("table", table)
    assert not wrong, faults


def test_every_fault_on_a_terminal(stand_in, tmp_path, record_property):
    _, usual = whole_replies(stand_in)
    ends = run_all(stand_in, tmp_path, tty=True, retries="0")
    wrong = {
        row.fault: what for row, end in ends if (what := list(wrong_on_a_terminal(row, end, stand_in, usual)))
    }
    table, faults = report(ends, wrong, "terminal")
    record_property("table", table)
    assert not wrong, faults


def test_every_fault_as_programs_are_told(mira, simulator):
    failing = [row for row in ROWS if row.code]
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(lambda row: mira("ask", "--json", *words_of(row, "0")[1:]), failing))
    for row, outcome in zip(failing, outcomes, strict=True):
        error = json.loads(outcome.out)["error"]
        assert (outcome.code, error["type"]) == (row.code, row.type), row
        assert bool(error["partial"]) == (row.stdout == "half"), row
        assert is_expected(row, simulator, clean_line(error["message"])), (row, error)
        assert simulator.key not in outcome.out + outcome.err
        assert outcome.out.isascii()


def test_the_table_is_complete():
    named = [row.fault for row in ROWS]
    assert len(named) == len(set(named))
    assert set(FAULTS) <= set(named)
    assert {str(status) for status in STATUSES} <= set(named)
    assert {f"{status}-{shape}" for status in (422, 500) for shape in (*SHAPES, *errors.SHAPES)} <= set(named)
    assert {row.fault for row in ROWS if row.code == 8} == {row.fault for row in ROWS if row.stdout == "half"}
