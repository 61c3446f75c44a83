"""`mira batch` in-process against the simulator: rows in, rows out, codes, what the server saw."""

from __future__ import annotations

import json
import re

import pytest

from rig.rows import FAST, ids, parsed, questions

RESULT = {"text", "model", "finish_reason", "usage", "truncated", "trimmed", "elapsed"}


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
