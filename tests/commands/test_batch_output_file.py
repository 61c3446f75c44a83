"""`mira batch -o`: a run that goes on where an earlier one ended."""

from __future__ import annotations

import pytest

from rig.rows import FAST, ids, parsed, questions


def test_rows_that_are_there_are_skipped(mira, simulator, write, out):
    path = write(*({"question": f"q{n}"} for n in range(5)))
    assert mira("batch", path, "-o", str(out), "--limit", "2").code == 0
    assert len(simulator.requests) == 2
    run = mira("batch", path, "-o", str(out))
    assert (run.code, run.out) == (0, "")
    assert run.err == "5 of 5 rows answered (2 in earlier runs).\n"
    assert questions(simulator) == [f"q{n}" for n in range(5)]
    assert ids(out.read_text()) == [1, 2, 3, 4, 5]
    before = out.read_bytes()
    assert mira("batch", path, "-o", str(out)).err == "5 of 5 rows answered (5 in earlier runs).\n"
    assert out.read_bytes() == before
    assert len(simulator.requests) == 5


def test_another_request_is_another_row(mira, simulator, write, out):
    path = write({"question": "a"})
    keys = set()
    for flags in ((), ("-m", "mira-pro"), ("-t", "0"), ("-s", "Hm."), ("--stop", "x"), ("--json-reply",)):
        mira("batch", path, *flags, "-o", str(out))
        keys = {row["key"] for row in parsed(out.read_text())}
    assert len(keys) == len(simulator.requests) == 6


def test_the_same_row_twice_is_asked_once(mira, simulator, write, out):
    row = {"id": "x", "question": "a"}
    run = mira("batch", write(row, row, {"id": "y", "question": "a"}), "-o", str(out))
    assert (run.code, len(simulator.requests)) == (0, 2)
    assert run.err == "2 of 2 rows answered, 1 repeated and asked once.\n"


def test_failed_rows_wait_for_retry_failed(mira, simulator, write, out):
    path = write({"question": "a"}, {"question": "b"}, "bad line")
    simulator.fail("blocked:1")
    assert mira("batch", path, "-o", str(out), "--jobs", "1").code == 8
    assert ids(out.read_text()) == [1, 2, 3]
    run = mira("batch", path, "-o", str(out))
    assert run.code == 8
    assert run.err.startswith(
        "mira: 1 of 3 rows answered (1 in earlier runs), 2 failed.\nmira: row 1: The API's"
    )
    assert "--retry-failed asks failed rows again.\n" in run.err
    assert len(simulator.requests) == 2
    run = mira("batch", path, "-o", str(out), "--retry-failed")
    assert run.code == 8  # the bad line is still one
    rows = parsed(out.read_text())
    assert [(row["id"], "error" in row) for row in rows] == [(1, True), (2, False), (3, True), (1, False)]
    assert rows[0]["key"] == rows[3]["key"]
    assert len(simulator.requests) == 3
    assert mira("batch", path, "-o", str(out)).err.startswith(
        "mira: 2 of 3 rows answered (2 in earlier runs)"
    )


@pytest.mark.parametrize("output", [[], ["-o", "-"]])
def test_retry_failed_needs_the_file_of_an_earlier_run(mira, simulator, write, output):
    run = mira("batch", write({"question": "a"}), "--retry-failed", *output)
    assert (run.code, run.out, len(simulator.requests)) == (2, "", 0)
    assert run.err == "mira: --retry-failed needs -o FILE, the answers of an earlier run.\n"


def test_a_line_that_is_no_question_is_not_offered_to_be_asked_again(mira, write, out):
    path = write({"question": "a"}, "bad line")
    first = mira("batch", path, "-o", str(out))
    again = mira("batch", path, "-o", str(out), "--retry-failed")
    assert (first.code, again.code) == (8, 8)
    assert "--retry-failed" not in first.err + again.err
    bad = "mira: Line 2: not JSON (Expecting value at character 1).\n"
    assert bad in first.err
    assert again.err == f"mira: 1 of 2 rows answered (1 in earlier runs), 1 failed.\n{bad}"


def test_a_torn_last_line_is_cut_off(mira, write, out):
    path = write({"question": "a"}, {"question": "b"}, {"question": "c"})
    mira("batch", path, "-o", str(out))
    whole = out.read_bytes()
    keys = [(row["id"], row["key"]) for row in parsed(whole.decode())]
    for end in (len(whole) - 2, whole.rindex(b"\n", 0, -1) + 3, 1):
        out.write_bytes(whole[:end])
        assert mira("batch", path, "-o", str(out)).code == 0
        assert [(row["id"], row["key"]) for row in parsed(out.read_text())] == keys


def test_a_row_that_only_lacks_its_line_end_is_kept(mira, simulator, write, out):
    path = write({"question": "a"}, {"question": "b"})
    mira("batch", path, "-o", str(out))
    whole = out.read_bytes()
    out.write_bytes(whole[:-1])
    assert mira("batch", path, "-o", str(out)).code == 0
    assert out.read_bytes() == whole
    assert len(simulator.requests) == 2


@pytest.mark.parametrize(
    "other",
    [
        b"My notes.\n",
        b"My notes",
        b'{"question": "a"}\n',
        b'{"id": 1, "key": "k"}\n',
        b'{"id": 1, "key": 5, "text": ""}\n',
        b'[1, 2]\n{"id": 1',
    ],
)
def test_a_file_of_something_else_is_left_as_it_is(mira, simulator, write, out, other):
    good = b'{"id":1,"key":"k","text":"t"}\n'
    for content in (other, good + other):
        out.write_bytes(content)
        run = mira("batch", write({"question": "a"}), "-o", str(out))
        assert run.code == 2
        number = content.count(b"\n", 0, content.index(other)) + 1
        assert run.err.startswith(f"mira: {out} line {number} is not a row of a batch")
        assert out.read_bytes() == content
    assert simulator.requests == []


def test_the_input_is_no_place_for_answers(mira, write, out):
    path = write({"question": "a"})
    mira("batch", path, "-o", str(out))
    out.with_name("link").symlink_to(out)
    before = out.read_bytes()
    for other in (out, out.with_name("link")):  # rows may be questions, if not good ones
        run = mira("batch", str(out), "-o", str(other))
        assert (run.code, out.read_bytes()) == (2, before)
        assert " holds the questions.\n" in run.err
    assert mira("batch", path, "-o", "-").out.startswith('{"id":1,')


def test_names_that_lead_nowhere(mira, simulator, write, tmp_path):
    path = write({"question": "a"})
    for words, message in [
        ((str(tmp_path / "none"),), "No such file: "),
        ((str(tmp_path),), " is a directory."),
        ((path, "-o", str(tmp_path)), " is a directory."),
        ((path, "-o", str(tmp_path / "none" / "out")), "Cannot write "),
        ((path, "-o", str(tmp_path / ("x" * 300))), "File name too long."),
        ((path, "-o", "/dev/null"), " is not an ordinary file."),
        ((path, "--schema", str(tmp_path / "none")), "Cannot read the schema "),
    ]:
        run = mira("batch", *words)
        assert run.code == 2
        assert message in run.err
    assert mira("batch", "-", in_tty=True).err.startswith("mira: Standard input is a terminal.\n")
    assert simulator.requests == []


def test_a_rerun_lists_three_failures_and_counts_the_others(mira, simulator, write, out):
    simulator.fail("blocked:14")
    path = write(*({"question": f"q{n}"} for n in range(15)))
    mira("batch", path, "-o", str(out), "--jobs", "1", *FAST)
    again = mira("batch", path, "-o", str(out), *FAST)
    assert again.code == 8
    lines = again.err.splitlines()
    assert lines[0] == "mira: 1 of 15 rows answered (1 in earlier runs), 14 failed."
    assert lines[4] == "mira: … and 11 more"
    assert sum(line.startswith("mira: row ") for line in lines) == 3
