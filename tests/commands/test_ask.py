"""`mira ask` as it is typed: what stands on stdout, on stderr, the exit code, and what the server saw."""

from __future__ import annotations

import json

import pytest


def test_answer_goes_to_stdout_and_nothing_else(mira, simulator):
    simulator.say("An answer.")
    got = mira("ask", "what", "is", "this?")
    assert (got.code, got.out, got.err) == (0, "An answer.\n", "")
    assert simulator.requests[-1].question == "what is this?"


def test_own_line_ends_stay(mira, simulator):
    simulator.say("one\r\ntwo\n\n")
    assert mira("ask", "x").out == "one\r\ntwo\n\n"


def test_a_first_word_with_white_space_is_a_question(mira, simulator):
    simulator.say("yes")
    assert mira("is it?", "-q").out == "yes\n"
    assert simulator.requests[-1].question == "is it?"


def test_after_two_dashes_a_dash_makes_no_option(mira, simulator):
    assert mira("--", "-5 + 3").code == 0
    assert simulator.requests[-1].question == "-5 + 3"
    assert mira("--", "ask", "hi").code == 0
    assert simulator.requests[-1].question == "hi"


def test_bare_mira_with_piped_input_asks(mira, simulator):
    simulator.say("yes")
    assert mira(stdin=b"is it?\n").out == "yes\n"
    assert simulator.requests[-1].question == "is it?"


def test_piped_text_stands_before_the_question(mira, simulator):
    mira("ask", "explain", stdin=b"a ``` b\n")
    assert simulator.requests[-1].question == "Standard input:\n````\na ``` b\n````\n\nexplain"


def test_a_dash_says_where(mira, simulator):
    mira("ask", "before", "-", "after", stdin=b"middle")
    assert simulator.requests[-1].question == "before\n\nStandard input:\n```\nmiddle\n```\n\nafter"


def test_empty_standard_input_beside_words_is_nothing(mira, simulator):
    for argv in (("ask", "x"), ("ask", "-", "x"), ("ask", "-f", "-", "x")):
        assert mira(*argv, stdin=b"\n").code == 0
        assert simulator.requests[-1].question == "x"


def test_no_stdin_leaves_standard_input_unread(mira, simulator):
    mira("ask", "--no-stdin", "x", stdin=b"unread")
    assert simulator.requests[-1].question == "x"


def test_a_file_stands_before_the_question(mira, simulator, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("some text")
    mira("ask", "-f", str(path), "sum up")
    assert simulator.requests[-1].question == f"File {path}:\n```\nsome text\n```\n\nsum up"


def test_options_reach_the_wire(mira, simulator):
    mira(
        "ask",
        "-m",
        "mira-max",
        "-s",
        "be brief",
        "-t",
        "0.5",
        "--top-p=0.9",
        "--max-tokens",
        "7",
        "--stop",
        "END",
        "x",
    )
    body = simulator.requests[-1].body
    assert body["model"] == "mira-max"
    assert body["messages"][0] == {"role": "system", "content": "be brief"}
    assert (body["temperature"], body["top_p"], body["max_tokens"], body["stop"]) == (0.5, 0.9, 7, ["END"])
    assert body["stream"] is True
    assert "response_format" not in body


def test_stop_is_enforced_here_as_well(mira, simulator):
    simulator.say("keep END drop")
    assert mira("ask", "--stop", "END", "x").out == "keep \n"


def test_system_from_a_file(mira, simulator, tmp_path):
    path = tmp_path / "system.txt"
    path.write_text("be kind")
    mira("ask", "-s", f"@{path}", "x")
    assert simulator.requests[-1].body["messages"][0]["content"] == "be kind"


def test_a_file_of_the_system_prompt_that_is_gone_is_told_with_who_named_it(mira):
    got = mira("ask", "x", MIRA_SYSTEM="@/nowhere/x")
    assert (got.code, got.err.splitlines()[0]) == (2, "mira: MIRA_SYSTEM: No such file: /nowhere/x.")
    assert mira("config", "set", "system", "@/nowhere/x").code == 0
    assert mira("ask", "x").err.startswith("mira: system in config.toml: No such file: /nowhere/x.\n")
    assert mira("ask", "-s", "@/nowhere/x", "x").err.startswith("mira: No such file: /nowhere/x.\n")


def test_json_prints_one_object_in_ascii(mira, simulator):
    simulator.say("Привет")
    got = mira("ask", "--json", "x")
    value = json.loads(got.out)
    assert got.out.isascii()
    assert value["text"] == "Привет"
    assert list(value) == ["text", "model", "finish_reason", "usage", "id", "truncated", "trimmed", "elapsed"]
    assert got.err == ""


def test_events_are_a_start_deltas_and_done(mira, simulator):
    simulator.say("one two three")
    lines = [json.loads(line) for line in mira("ask", "--events", "x").out.splitlines()]
    assert lines[0] == {"event": "start", "model": "mira"}
    assert lines[-1]["event"] == "done"
    assert "".join(line["text"] for line in lines if line["event"] == "delta") == lines[-1]["text"]


def test_the_log_is_no_event(mira, simulator):
    simulator.say("one")
    got = mira("ask", "--events", "-v", "x")
    assert [json.loads(line)["event"] for line in got.out.splitlines()] == ["start", "delta", "done"]
    assert "complete after " in got.err


@pytest.mark.parametrize(
    "told",
    [
        {"prompt_tokens": 5},
        {"prompt_tokens": 5, "completion_tokens": 0, "total_tokens": 0},
        {"completion_tokens": 7, "prompt_tokens": 0},
        {"total_tokens": 90},
    ],
)
def test_of_usage_only_what_was_not_sent_is_an_estimate(mira, simulator, told):
    simulator.say({"text": "An answer of some words.", "usage": told})
    usage = json.loads(mira("ask", "--json", "What is this?").out)["usage"]
    assert usage["estimated"] is True
    assert all(usage[name] == number for name, number in told.items() if number)
    assert all(usage[f"{name}_tokens"] > 0 for name in ("prompt", "completion"))
    assert usage["prompt_tokens"] + usage["completion_tokens"] == usage["total_tokens"]


def test_the_usage_line_is_for_terminals_or_on_request(mira, simulator):
    simulator.say("hi")
    assert mira("ask", "x").err == ""
    assert " in · " in mira("ask", "-u", "x").err
    assert " in, " in mira("ask", "x", out_tty=True, err_tty=True, TERM="dumb").err


def test_dry_run_needs_neither_key_nor_network(mira, simulator):
    got = mira("ask", "-n", "a [b]", MIRA_API_KEY="")
    assert got.code == 0
    assert json.loads(got.out)["messages"] == [{"role": "user", "content": "a [b]"}]
    assert "\\u005bb\\u005d" in got.out
    assert "sk-mira-" not in got.out + got.err
    assert simulator.requests == []


def test_a_reply_that_hit_the_limit_is_said_with_the_flag(mira, simulator):
    simulator.fail("length")
    got = mira("ask", "--max-tokens", "3", "x")
    assert got.code == 0
    assert "The reply hit the limit of 3 tokens; raise it with --max-tokens." in got.err


def test_too_large_is_said_before_anything_is_sent(mira, simulator):
    got = mira("ask", "-", stdin=("я" * 16_001).encode())
    assert got.code == 5
    assert "32,002" in got.err
    assert "32,000" in got.err
    assert simulator.requests == []


def test_a_partial_reply_stays(mira, simulator):
    simulator.fail("cut-mid-token")
    got = mira("ask", "x")
    assert got.code == 8
    assert got.out.strip()
    assert got.out.endswith("\n")
    assert "The connection dropped; the answer is incomplete." in got.err


def test_the_theme_of_one_run(mira, simulator):
    code = "```python\nreturn None\n```\n"
    simulator.say(code, code)
    light, dark = (mira("ask", "--color", "always", "--theme", name, "x").out for name in ("light", "dark"))
    assert light != dark
    assert "return" in light
    got = mira("ask", "--theme", "monokia", "x")
    assert (got.code, "style like monokai, not monokia" in got.err, len(simulator.requests)) == (2, True, 2)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("length", "The reply hit the model's length limit; ask it to continue."),
        ("MAX_TOKENS", "The reply hit the model's length limit; ask it to continue."),
        ("content_filter", "The API's content filter ended the reply."),
        ("SAFETY", "The API's content filter ended the reply."),
        ("odd", "The reply ended with finish_reason odd."),
    ],
)
def test_a_reply_that_ended_early_is_said_even_when_quiet(mira, simulator, reason, words):
    simulator.say({"text": "Once upon", "finish_reason": reason})
    got = mira("ask", "-q", "hi")
    assert (got.code, got.out, got.err) == (0, "Once upon\n", f"{words}\n")


@pytest.mark.parametrize(
    "reason", ["length", "max_tokens", "MAX_TOKENS", "model_length", "model_context_window_exceeded"]
)
def test_truncated_however_it_is_spelled(mira, simulator, reason):
    simulator.say({"text": "Once upon", "finish_reason": reason})
    found = json.loads(mira("ask", "--json", "hi").out)
    assert (found["truncated"], found["finish_reason"]) == (True, reason)


def test_finish_reason_error_is_an_incomplete_reply(mira, simulator, tmp_path):
    for _ in range(4):
        simulator.say({"text": "Once upon", "finish_reason": "error"})
    got = mira("ask", "hi")
    assert (got.code, got.out) == (8, "Once upon\n")
    assert "finish_reason error" in got.err
    error = json.loads(mira("ask", "--json", "hi").out)["error"]
    assert (error["type"], error["partial"]) == ("incomplete", "Once upon")
    last = json.loads(mira("ask", "--events", "hi").out.splitlines()[-1])
    assert (last["event"], last["error"]["partial"]) == ("error", "Once upon")
    talk = tmp_path / "talk.json"
    assert mira("ask", "-c", str(talk), "hi").code == 8
    assert not talk.exists()


THOUGHT = "<think>Let me see.\nIt is 4.</think>4"


def test_reasoning_goes_to_standard_error_before_the_answer(mira, simulator):
    for argv in (("--reasoning",), ("--reasoning", "--no-stream")):
        simulator.say(THOUGHT)
        got = mira("ask", *argv, "2 + 2")
        assert (got.code, got.out, got.err) == (0, "4\n", "Let me see.\nIt is 4.\n")
    simulator.say(THOUGHT)
    got = mira("ask", "2 + 2", MIRA_REASONING="true")
    assert (got.out, got.err) == ("4\n", "Let me see.\nIt is 4.\n")


def test_without_the_setting_reasoning_is_not_shown(mira, simulator):
    simulator.say(THOUGHT, THOUGHT)
    assert mira("ask", "2 + 2").err == ""
    assert mira("ask", "-q", "--reasoning", "2 + 2").err == ""


def test_reasoning_in_json_and_events(mira, simulator):
    for _ in range(3):
        simulator.say(THOUGHT)
    assert json.loads(mira("ask", "--json", "2 + 2").out)["reasoning"] == "Let me see.\nIt is 4."
    got = mira("ask", "--json", "--reasoning", "2 + 2")
    assert (json.loads(got.out)["text"], got.err) == ("4", "Let me see.\nIt is 4.\n")
    events = [json.loads(line) for line in mira("ask", "--events", "2 + 2").out.splitlines()]
    assert (
        "".join(event["text"] for event in events if event["event"] == "reasoning") == "Let me see.\nIt is 4."
    )
    simulator.say("4")
    assert "reasoning" not in json.loads(mira("ask", "--json", "2 + 2").out)


def test_verbose_lines_are_not_glued_to_the_reasoning(mira, simulator):
    simulator.say(THOUGHT)
    lines = mira("ask", "-v", "--json", "--reasoning", "2 + 2").err.splitlines()
    assert "It is 4." in lines
    assert sum(line.startswith(("first data after", "complete after")) for line in lines) == 2


def test_models_are_listed_for_people_and_programs(mira):
    got = mira("models")
    assert got.code == 0
    assert got.out.splitlines()[0].split("\t")[:3] == ["mira", "32768", "4096"]
    assert json.loads(mira("models", "--json").out)["models"][0]["id"] == "mira"


def test_version_and_help(mira):
    assert mira("--version").out.startswith("mira ")
    assert mira("ask", "--version").code == 2
