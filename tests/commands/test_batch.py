"""`mira batch` in-process against the simulator: rows in, rows out, codes, what the server saw."""

from __future__ import annotations

import json
import re

import pytest

FAST = ("--per-minute", "0")
RESULT = {"text", "model", "finish_reason", "usage", "truncated", "trimmed", "elapsed"}


@pytest.fixture
def write(tmp_path):
    """Write a file of rows: values become JSON, texts are lines as they stand."""

    def write(*rows, name="in.jsonl"):
        path = tmp_path / name
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        path.write_text("".join(f"{line}\n" for line in lines))
        return str(path)

    return write


@pytest.fixture
def out(tmp_path):
    """A file of answers that is not there yet."""
    return tmp_path / "out.jsonl"


def parsed(text):
    assert text.isascii()
    assert not text or text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def ids(text):
    return [row["id"] for row in parsed(text)]


def questions(simulator):
    return sorted(request.question for request in simulator.requests)


def test_rows_come_in_their_order_with_id_and_key(mira, write):
    path = write({"question": "What?"}, {"question": "Where?", "id": "w"}, {"question": "¿Qué?", "id": 7})
    run = mira("batch", path)
    assert run.code == 0
    rows = parsed(run.out)
    assert [row["id"] for row in rows] == [1, "w", 7]
    for row in rows:
        assert set(row) == RESULT | {"id", "key"}
        assert list(row)[:2] == ["id", "key"]
        assert re.fullmatch("[0-9a-f]{32}", row["key"])
    assert len({row["key"] for row in rows}) == 3
    assert run.err == "3 of 3 rows answered.\n"


def test_an_answer_is_that_of_ask(mira, write):
    row = parsed(mira("batch", write({"question": "What is machine learning?"})).out)[0]
    asked = json.loads(mira("ask", "--json", "What is machine learning?").out)
    for values in (row, asked):
        del values["elapsed"], values["id"]
    del row["key"]
    assert row == asked


def test_a_row_says_how_it_is_answered_and_flags_are_the_defaults(mira, simulator, write):
    own = {
        "question": "a",
        "model": "mira-pro",
        "system": "@brief",
        "temperature": 0,
        "top_p": 1,
        "max_tokens": 5,
        "stop": ["x", "y"],
    }
    path = write(own, {"question": "b"}, {"question": "c", "stop": "z", "system": ""})
    assert mira("batch", path, "-m", "mira-max", "-s", "Be kind.", "-t", "0.5", "--stop", "!").code == 0
    sent = {request.question: request.body for request in simulator.requests}
    assert sent["a"]["model"] == "mira-pro"
    assert sent["a"]["messages"][0] == {"role": "system", "content": "@brief"}
    assert (sent["a"]["temperature"], sent["a"]["top_p"]) == (0, 1)
    assert (sent["a"]["max_tokens"], sent["a"]["stop"]) == (5, ["x", "y"])
    assert sent["b"]["model"] == "mira-max"
    assert sent["b"]["messages"][0] == {"role": "system", "content": "Be kind."}
    assert (sent["b"]["temperature"], sent["b"]["stop"]) == (0.5, ["!"])
    assert sent["c"]["stop"] == ["z"]
    assert [message["role"] for message in sent["c"]["messages"]] == ["user"]


def test_the_system_prompt_may_come_from_a_file(mira, simulator, write, tmp_path):
    (tmp_path / "system.txt").write_text("Be brief.")
    assert mira("batch", write({"question": "a"}), "-s", f"@{tmp_path / 'system.txt'}").code == 0
    assert simulator.requests[0].messages[0]["content"] == "Be brief."


def test_stop_sequences_hold_on_our_side_too(mira, simulator, write):
    simulator.say("one, two, three")
    row = parsed(mira("batch", write({"question": "count", "stop": ", three"})).out)[0]
    assert (row["text"], row["finish_reason"]) == ("one, two", "stop")


def test_lines_are_questions_as_they_stand(mira, simulator):
    source = b'\xef\xbb\xbf{"question": 1}\r\n\n   \n\x1b[31mred\x1b[0m\nlast'
    run = mira("batch", "-", "--lines", stdin=source)
    assert run.code == 0
    assert ids(run.out) == [1, 4, 5]
    assert questions(simulator) == ["last", "red", '{"question": 1}']


BAD = [
    ("nothing of the kind", "not JSON (Expecting value at character 1)."),
    ('{"question": "a",}', "not JSON ("),
    ('["a"]', 'not a JSON object such as {"question": "…"}.'),
    ('{"question": "a", "question": "b"}', "not strict JSON: the key 'question' appears twice."),
    ('{"question": "a", "temperature": NaN}', "not strict JSON: NaN is not a JSON number."),
    ('{"question": "a", "max_tokens": Infinity}', "not strict JSON: Infinity is not a JSON number."),
    ('{"question": "a", "temprature": 1}', "unknown key 'temprature'; did you mean 'temperature'?"),
    ('{"question": "a", "n": 2}', "unknown key 'n'."),
    ("{}", "there is no question."),
    ('{"question": "  "}', "the question is empty."),
    ('{"question": 5}', "question must be a text."),
    ('{"question": null}', "there is no question."),
    ('{"question": "a", "temprature": null}', "unknown key 'temprature'; did you mean 'temperature'?"),
    ('{"question": "a", "id": 1.5}', "id must be a text or a whole number."),
    ('{"question": "a", "id": true}', "id must be a text or a whole number."),
    ('{"question": "a", "model": ""}', "model must not be empty."),
    ('{"question": "a", "temperature": "1"}', "temperature must be a number."),
    ('{"question": "a", "temperature": true}', "temperature must be a number."),
    ('{"question": "a", "temperature": 9}', "temperature must be 0 to 2, not 9."),
    ('{"question": "a", "top_p": 1e400}', "top_p must be 0 to 1, not 1.7976931348623157e+308."),
    ('{"question": "a", "max_tokens": 1.5}', "max_tokens must be a whole number."),
    ('{"question": "a", "max_tokens": 0}', "max_tokens must be 1 or more, not 0."),
    ('{"question": "a", "max_tokens": ' + "9" * 5000 + "}", "has a number with too many digits."),
    ('{"question": "a", "stop": [1]}', "stop must be a text or a list of texts, not [1]."),
    ('{"question": "a", "stop": ["a","b","c","d","e"]}', "stop must be at most 4 texts"),
    ("[" * 100_000, "nested too deeply."),
]


@pytest.mark.parametrize(("line", "words"), BAD, ids=range(len(BAD)))
def test_a_line_that_cannot_be_read_is_an_error_row_and_stops_no_other(mira, simulator, write, line, words):
    run = mira("batch", write("", {"question": "good"}, line, {"question": "good too"}))
    assert run.code == 8
    rows = parsed(run.out)
    assert [row["id"] for row in rows] == [2, 3, 4]
    assert set(rows[1]) == {"id", "key", "error"}
    error = rows[1]["error"]
    assert (error["type"], error["retryable"], error["status"]) == ("usage", False, None)
    assert error["message"].startswith(f"Line 3: {words}")
    assert f"mira: Line 3: {words}" in run.err
    assert "mira: 2 of 3 rows answered, 1 failed.\n" in run.err
    assert questions(simulator) == ["good", "good too"]


def test_a_bad_line_keeps_its_id_where_it_has_one(mira, write):
    run = mira("batch", write({"id": "x", "question": 5}, {"id": [], "question": "a"}))
    assert ids(run.out) == ["x", 2]


def test_bytes_that_are_no_text(mira):
    run = mira("batch", "-", stdin=b'{"question": "\xff"}\n{"question": "ok"}\n')
    assert (run.code, ids(run.out)) == (8, [1, 2])
    assert "mira: Line 1: not UTF-8 text.\n" in run.err
    run = mira("batch", "-", "--lines", stdin=b"a\0b\nc\xffd\n")
    rows = parsed(run.out)
    assert "looks binary" in rows[0]["error"]["message"]
    assert "text" in rows[1]
    assert "replaced 1 bad byte" in run.err


def test_what_is_too_large_to_send_is_a_row_that_failed(mira, simulator, write):
    path = write({"question": "я" * 16_001}, {"question": "ok"}, {"question": "a", "system": "b" * 40_000})
    run = mira("batch", path)
    assert run.code == 8
    assert [row.get("error", {}).get("type") for row in parsed(run.out)] == ["too_large", None, "too_large"]
    assert questions(simulator) == ["ok"]


def test_codes_of_failed_rows_and_the_first_three(mira, simulator, write):
    simulator.fail("blocked:5")
    run = mira("batch", write(*({"question": f"q{n}"} for n in range(6))), "--jobs", "1")
    assert run.code == 8
    lines = run.err.splitlines()
    assert lines[0] == "mira: 1 of 6 rows answered, 5 failed."
    assert [line.split(":")[1] for line in lines[1:]] == [" row 1", " row 2", " row 3", " … and 2 more"]
    assert parsed(run.out)[0]["error"]["type"] == "blocked"
    assert mira("batch", write({"question": "a"}), "-q").err == ""


def test_a_cut_reply_is_an_error_with_what_came(mira, simulator, write):
    simulator.fail("cut-between")
    error = parsed(mira("batch", write({"question": "a"})).out)[0]["error"]
    assert (error["type"], error["retryable"]) == ("incomplete", True)
    assert error["partial"]


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        ("401", 4, "The API refused key sk-mira-"),
        ("402-balance", 6, "The balance or quota is used up"),
        ("429-quota", 6, "The balance or quota is used up"),
        ("403-quota", 6, "quota"),
        ("429-hour", 6, "Try again at "),
        ("429-day", 6, "Try again "),
    ],
)
def test_what_ends_a_run_is_not_a_failed_row(mira, simulator, write, out, fault, code, words):
    path = write(*({"question": f"q{n}"} for n in range(9)))
    simulator.say("good")
    run = mira("batch", path, "-o", str(out), "--limit", "1")
    assert run.code == 0
    assert run.err.startswith("1 of 9 rows answered, 8 left.\n")
    simulator.fail(fault)
    run = mira("batch", path, "-o", str(out))
    assert run.code == code
    assert run.err.startswith("mira: 1 of 9 rows answered (1 in earlier runs), 8 left.\n")
    assert "Run the same command again to continue.\n" in run.err
    assert words in run.err
    assert ids(out.read_text()) == [1]
    assert len(simulator.requests) <= 3
    simulator.forget_faults()
    assert mira("batch", path, "-o", str(out)).code == 0
    assert ids(out.read_text()) == list(range(1, 10))


def test_rows_under_way_are_finished_when_a_run_ends(mira, simulator, write):
    simulator.say({"match": "slow", "text": "finished", "delay": 4}, {"match": "bad", "fail": "402-balance"})
    run = mira("batch", write({"question": "slow"}, {"question": "bad"}, {"question": "never"}))
    assert run.code == 6
    assert [row["text"] for row in parsed(run.out)] == ["finished"]
    assert questions(simulator) == ["bad", "slow"]


def test_a_plan_that_is_too_low_fails_its_row_alone(mira, simulator, write):
    simulator.fail("403-plan:1")
    run = mira("batch", write({"question": "a"}, {"question": "b"}), "--jobs", "1")
    assert run.code == 8
    assert [row.get("error", {}).get("type") for row in parsed(run.out)] == ["auth", None]


def test_a_403_of_every_row_ends_a_run(mira, simulator, write, out):
    path = write(*({"question": f"q{n}"} for n in range(40)))
    simulator.fail("403-forbidden")
    run = mira("batch", path, "-o", str(out), *FAST)
    assert run.code == 4
    assert "The API forbids this request (403)." in run.err
    assert "Run the same command again to continue.\n" in run.err
    assert {row["error"]["type"] for row in parsed(out.read_text())} == {"auth"}
    assert 10 <= len(simulator.requests) <= 14


def test_a_403_of_some_rows_ends_no_run(mira, simulator, write):
    simulator.say("good", *({"fail": "403-forbidden"} for _ in range(19)))
    run = mira("batch", write(*({"question": f"q{n}"} for n in range(20))), "--jobs", "1", *FAST)
    assert (run.code, len(simulator.requests)) == (8, 20)
    assert run.err.startswith("mira: 1 of 20 rows answered, 19 failed.\n")


def test_a_retry_after_holds_all_workers(mira, simulator, write):
    simulator.say({"match": "q0", "fail": "429-seconds"})
    path = write(*({"question": f"q{n}"} for n in range(12)))
    run = mira("batch", path, "--jobs", "3", *FAST)
    assert run.code == 0
    refused = next(request.time for request in simulator.requests if request.question == "q0")
    later = [request.time for request in simulator.requests if request.time > refused + 1.5]
    assert min(later) - refused >= 1.9
    assert len(later) >= 12 - 2 * 3


def test_no_more_rows_are_ahead_of_the_oldest_than_twice_the_jobs(mira, simulator, write):
    simulator.say({"match": "q0", "text": "at last", "delay": 5})
    path = write(*({"question": f"q{n}"} for n in range(20)))
    run = mira("batch", path, "--jobs", "3", *FAST)
    assert ids(run.out) == list(range(1, 21))
    begun = next(request.time for request in simulator.requests if request.question == "q0")
    meanwhile = [request for request in simulator.requests if request.time < begun + 4.9]
    assert 3 < len(meanwhile) <= 2 * 3 + 1


def test_as_completed_writes_at_once(mira, simulator, write):
    simulator.say({"match": "q0", "text": "at last", "delay": 8})
    path = write(*({"question": f"q{n}"} for n in range(20)))
    run = mira("batch", path, "--as-completed", *FAST)
    assert sorted(ids(run.out)) == list(range(1, 21))
    assert ids(run.out)[-1] == 1


def test_no_more_rows_are_asked_at_once_than_there_are_jobs(mira, simulator, write):
    simulator.say(*({"text": "at last", "delay": 1} for _ in range(3)))
    run = mira("batch", write(*({"question": f"q{n}"} for n in range(30))), "--jobs", "3", *FAST)
    assert run.code == 0
    first = simulator.requests[0].time
    assert len([request for request in simulator.requests if request.time < first + 0.9]) <= 3


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
    for words, said in [
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
        assert said in run.err
    assert mira("batch", "-", in_tty=True).err.startswith("mira: Standard input is a terminal.\n")
    assert simulator.requests == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--jobs", "4"), "--jobs: 4 is out of range 1 to 3."),
        (("--jobs", "0"), "--jobs: 0 is out of range 1 to 3."),
        (("--jobs", "two"), "--jobs must be a whole number, 1 to 3, not two."),
        (("--per-minute", "-1"), "--per-minute: -1 is out of range: 0 or more."),
        (("--per-minute", "1.5"), "--per-minute must be a whole number, 0 or more, not 1.5."),
        (("--limit", ""), "--limit must be a whole number, 0 or more, not empty."),
        (("--temperature", "3"), "--temperature: 3 is out of range 0 to 2."),
    ],
)
def test_flags_out_of_range(mira, simulator, write, words, said):
    run = mira("batch", write({"question": "a"}), *words)
    assert (run.code, run.out) == (2, "")
    assert run.err.startswith(f"mira: {said}\n")
    assert simulator.requests == []


def test_without_a_key_nothing_is_written(mira, write, out):
    run = mira("batch", write({"question": "a"}), "-o", str(out), MIRA_API_KEY="")
    assert run.code == 4
    assert not out.exists()


def test_nothing_to_ask(mira, write):
    assert mira("batch", write()).err == "0 of 0 rows answered.\n"
    assert mira("batch", "-", stdin=b"\n\n").code == 0


def test_a_limit_on_standard_input_reads_no_further(mira, simulator):
    run = mira("batch", "-", "--lines", "--limit", "2", stdin=b"a\nb\nc\n")
    assert (run.code, ids(run.out)) == (0, [1, 2])
    assert len(simulator.requests) == 2
    assert mira("batch", "-", "--lines", "--limit", "0", stdin=b"a\n").out == ""


def test_json_replies_are_asked_for_and_stand_as_data(mira, simulator, write):
    simulator.say("No.", '```json\n{"a": 1}\n```')
    run = mira("batch", write({"question": "q"}), "--json-reply")
    assert (run.code, parsed(run.out)[0]["data"]) == (0, {"a": 1})
    first, second = simulator.requests
    assert first.body["response_format"] == {"type": "json_object"}
    assert first.question.startswith("q\n\n")
    assert [message["role"] for message in second.messages] == ["user", "assistant", "user"]


def test_a_mismatch_is_a_row_that_failed(mira, simulator, write):
    simulator.say("No.", "No, I said.", '{"a": 1}')
    run = mira("batch", write({"question": "q"}, {"question": "r"}), "--json-reply", "--jobs", "1")
    rows = parsed(run.out)
    assert run.code == 8
    assert (rows[0]["error"]["type"], rows[0]["error"]["partial"]) == ("mismatch", "No, I said.")
    assert rows[1]["data"] == {"a": 1}
    simulator.say("No.")
    mira("batch", write({"question": "q"}), "--json-reply", "--no-reask")
    assert len(simulator.requests) == 4


def test_a_schema_holds_for_each_row(mira, simulator, write, tmp_path):
    schema = tmp_path / "schema.json"
    schema.write_text('{"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}')
    simulator.say('{"n": 1}', '{"n": "x"}')
    path = write({"question": "q"}, {"question": "r"})
    run = mira("batch", path, "--schema", str(schema), "--no-reask", "--jobs", "1")
    rows = parsed(run.out)
    assert run.code == 8
    assert rows[0]["data"] == {"n": 1}
    assert "$.n" in rows[1]["error"]["message"]


def test_a_schema_that_explodes_fails_only_its_row(mira, simulator, write, tmp_path):
    node = {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps({"anyOf": [node, {**node, "maxProperties": 3}, {"type": "null"}]}))
    simulator.say('{"a": ' * 60 + "1" + "}" * 60, '{"a": null}')
    path = write({"question": "q"}, {"question": "r"})
    run = mira("batch", path, "--schema", str(schema), "--no-reask", "--jobs", "1", "--max-time", "2")
    first, second = parsed(run.out)
    assert (run.code, first["error"]["type"], second["data"]) == (8, "mismatch", {"a": None})


def test_the_key_is_not_in_what_is_written(mira, simulator, write, out):
    simulator.fail("500-key")
    run = mira("batch", write({"question": "a"}), "-o", str(out), "--retries", "0")
    assert simulator.key not in run.err + out.read_text()


def test_a_bar_on_a_terminal_and_none_elsewhere(mira, simulator, write):
    simulator.say({"match": "q0", "text": "slow", "delay": 5})
    path = write(*({"question": f"q{n}"} for n in range(3)))
    shown = mira("batch", path, "--as-completed", err_tty=True, TERM="xterm").err
    assert re.search(r"\r\x1b\[0K\x1b\[2m━+[^\r]* 2/3 ", shown)
    assert shown.endswith("3 of 3 rows answered.\x1b[0m\n")
    for variables in ({"TERM": "dumb"}, {}):
        flags = () if variables else ("--plain",)
        assert mira("batch", path, *flags, err_tty=True, **variables).err == "3 of 3 rows answered.\n"


def test_verbose_tells_the_steps(mira, write):
    run = mira("batch", write({"question": "a"}), "-v")
    assert "POST " in run.err
    assert mira("batch", write({"question": "a"}), "-v", "-q").code == 2


def test_null_is_not_given_and_a_whole_number_may_be_written_as_a_float(mira, simulator, write):
    row = '{"question": "a", "id": null, "model": null, "system": null, "temperature": null, "top_p": null, "max_tokens": 5.0, "stop": null}'
    run = mira("batch", write(row, '{"question": "b", "id": 7.0}'))
    assert run.code == 0
    assert ids(run.out) == [1, 7]
    sent = {request.question: request.body for request in simulator.requests}
    assert sent["a"]["max_tokens"] == 5
    assert isinstance(sent["a"]["max_tokens"], int)
    assert not {"temperature", "top_p", "stop"} & set(sent["a"])


def test_null_changes_no_key(mira, write):
    given = parsed(mira("batch", write({"question": "a", "max_tokens": 5})).out)[0]["key"]
    floated = parsed(mira("batch", write('{"question": "a", "max_tokens": 5.0, "stop": null}')).out)[0]["key"]
    assert floated == given


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


def test_rows_that_ended_early_are_said_even_when_quiet(mira, simulator, write):
    simulator.say(
        {"text": "Once", "finish_reason": "MAX_TOKENS"}, {"text": "Twice", "finish_reason": "SAFETY"}, "whole"
    )
    run = mira("batch", "-q", "--jobs", "1", write(*({"question": f"q{n}"} for n in range(3))))
    assert run.code == 0
    assert run.err == "2 replies ended early, by a length limit or a filter; see finish_reason.\n"
    assert [row["truncated"] for row in parsed(run.out)] == [True, False, False]


def test_finish_reason_error_is_a_failed_row(mira, simulator, write):
    simulator.say({"text": "Once", "finish_reason": "error"})
    run = mira("batch", write({"question": "a"}))
    error = parsed(run.out)[0]["error"]
    assert (run.code, error["type"], error["partial"]) == (8, "incomplete", "Once")


def test_a_json_row_that_cannot_be_sent_back_keeps_its_reply(mira, simulator, write):
    long = "word " * 8_000
    simulator.say(long, long)
    error = parsed(mira("batch", "--json-reply", write({"question": "a"})).out)[0]["error"]
    assert (error["type"], error["partial"]) == ("mismatch", long)
