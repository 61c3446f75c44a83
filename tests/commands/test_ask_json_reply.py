"""`mira ask --json-reply` and --schema: a reply that is JSON, asked for once more if it is not."""

from __future__ import annotations

import json

import pytest


def test_json_reply_asks_for_json_and_prints_it(mira, simulator):
    simulator.say('Here: {"a": 1.0} fine?', '{"b": [1,2]}')
    got = mira("ask", "--json-reply", "x")
    assert (got.code, got.out) == (0, '{"a": 1.0}\n')
    body = simulator.requests[-1].body
    assert body["response_format"] == {"type": "json_object"}
    assert body["messages"][-1]["content"].startswith("x\n\n")
    assert json.loads(mira("ask", "--json-reply", "--json", "x").out)["data"] == {"b": [1, 2]}


def test_json_reply_on_a_terminal_does_nothing_to_it(mira, simulator):
    simulator.say(*['{"a": "\x9b31m\u202e"}'] * 3)
    exact = '{"a": "\x9b31m\u202e"}\n'
    assert mira("ask", "--json-reply", "x").out == exact
    assert mira("ask", "--json-reply", "x", out_tty=True).out == '{"a": "<U+009B>31m<U+202E>"}\n'
    assert mira("ask", "--json-reply", "--sanitize", "never", "x", out_tty=True).out == exact


def test_json_reply_asks_once_more(mira, simulator, tmp_path):
    simulator.say("no json", '{"a": 1}', "no", "never")
    path = tmp_path / "talk.json"
    got = mira("ask", "--json-reply", "-c", str(path), "x")
    assert (got.code, got.out) == (0, '{"a": 1}\n')
    assert len(simulator.requests[-1].body["messages"]) == 3
    assert [m["content"] for m in json.loads(path.read_text())["messages"]] == ["x", '{"a": 1}']
    got = mira("ask", "--json-reply", "x")
    assert (got.code, got.out) == (9, "")
    assert "never" in got.err
    assert len(simulator.requests) == 4


def test_no_reask_asks_once(mira, simulator):
    simulator.say("no json")
    got = mira("ask", "--json-reply", "--no-reask", "--json", "x")
    assert got.code == 9
    error = json.loads(got.out)["error"]
    assert (error["type"], error["partial"]) == ("mismatch", "no json")
    assert len(simulator.requests) == 1


def test_a_schema_is_sent_and_holds(mira, simulator, tmp_path):
    path = tmp_path / "schema.json"
    path.write_text('{"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}')
    simulator.say('{"n": "x"}', '{"n": 3}')
    lines = mira("ask", "--schema", str(path), "--events", "x").out.splitlines()
    events = [json.loads(line) for line in lines]
    assert [event["event"] for event in events if event["event"] != "delta"] == ["start", "notice", "done"]
    assert "".join(event["text"] for event in events if event["event"] == "delta") == '{"n": 3}'
    assert events[-1]["data"] == {"n": 3}
    assert simulator.requests[-1].body["response_format"]["type"] == "json_schema"


@pytest.mark.parametrize("reason", ["content_filter", "MAX_TOKENS", "something new"])
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_json_that_may_be_cut_is_not_printed(mira, simulator, reason, form):
    simulator.say({"text": '{"a": 1}', "finish_reason": reason})
    got = mira("ask", "--json-reply", *form, "hi")
    assert got.code == 8
    if form:
        error = json.loads(got.out)["error"]
        assert (error["type"], error["partial"]) == ("incomplete", '{"a": 1}')
    else:
        assert got.out == ""


def test_a_reply_too_long_to_send_back_is_a_mismatch(mira, simulator, tmp_path):
    schema = tmp_path / "schema.json"
    schema.write_text('{"type": "object", "required": ["a"]}')
    long = json.dumps({"b": "x" * 38_000})
    simulator.say(long, long)
    got = mira("ask", "--json", "--schema", str(schema), "hi")
    error = json.loads(got.out)["error"]
    assert (got.code, error["type"], error["partial"]) == (9, "mismatch", long)
    assert len(simulator.requests) == 2
    sent = simulator.requests[-1].body["messages"]
    assert sent[1]["role"] == "assistant"
    assert long.endswith(sent[1]["content"])


def test_a_reply_that_cannot_be_sent_back_at_all_is_a_mismatch_too(mira, simulator, tmp_path):
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps({"type": "object", "required": ["a"], "description": "d" * 25_000}))
    long = "слово " * 3_000
    simulator.say(long)
    got = mira("ask", "--json", "--context", "7000", "--schema", str(schema), "hi")
    error = json.loads(got.out)["error"]
    assert (got.code, error["type"], error["partial"]) == (9, "mismatch", long)
    assert len(simulator.requests) == 1


def test_a_second_try_that_fails_loses_neither_reply(mira, simulator):
    simulator.say("first words", {"fail": "403-plan"})
    got = mira("ask", "--json", "--json-reply", "hi")
    error = json.loads(got.out)["error"]
    assert (got.code, error["type"], error["partial"]) == (4, "auth", "first words")


def test_a_pattern_that_explodes_ends(mira, simulator, tmp_path):
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps({"type": "object", "properties": {"a": {"pattern": "^(a+)+$"}}}))
    reply = json.dumps({"a": "a" * 60 + "!"})
    simulator.say(reply, reply)
    got = mira("ask", "--schema", str(schema), "--max-time", "20", "hi")
    assert (got.code, got.out) == (9, "")
    assert "$.a: " in got.err


def test_a_schema_that_explodes_ends_within_max_time(mira, simulator, tmp_path):
    node = {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps({"anyOf": [node, {**node, "maxProperties": 3}]}))
    reply = '{"a": ' * 60 + "1" + "}" * 60
    simulator.say(reply)
    got = mira("ask", "--json", "--schema", str(schema), "--no-reask", "--max-time", "2", "hi")
    error = json.loads(got.out)["error"]
    assert (got.code, error["type"], error["partial"]) == (9, "mismatch", reply)
    assert "it can't be checked within 2 s" in got.err
