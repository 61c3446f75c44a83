"""Rows of a batch that fail, and failures that end a run."""

from __future__ import annotations

import json

import pytest

from rig.rows import FAST, ids, parsed, questions


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


def test_without_a_key_nothing_is_written(mira, write, out):
    run = mira("batch", write({"question": "a"}), "-o", str(out), MIRA_API_KEY="")
    assert run.code == 4
    assert not out.exists()


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


def test_a_schema_that_explodes_fails_only_its_row(mira, simulator, write, tmp_path):
    node = {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps({"anyOf": [node, {**node, "maxProperties": 3}, {"type": "null"}]}))
    simulator.say('{"a": ' * 60 + "1" + "}" * 60, '{"a": null}')
    path = write({"question": "q"}, {"question": "r"})
    run = mira("batch", path, "--schema", str(schema), "--no-reask", "--jobs", "1", "--max-time", "2")
    first, second = parsed(run.out)
    assert (run.code, first["error"]["type"], second["data"]) == (8, "mismatch", {"a": None})


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
