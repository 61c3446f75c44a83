"""`mira ask -x`, --lang and --code-all: the code of a reply, and nothing else, on standard output."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("flags", [["-x"], ["--lang", "rust"], ["--json-reply", "--no-reask"]])
def test_usage_of_a_reply_that_is_not_what_was_asked_for(mira, simulator, flags):
    simulator.say("hi", "hi")
    got = mira("ask", "-u", *flags, "x")
    assert (got.code, got.out) == (9, "")
    assert " in · " in got.err.splitlines()[0]
    assert got.err.splitlines()[-2].startswith("mira: The reply ")
    assert " in · " not in mira("ask", *flags, "x").err


def test_usage_of_a_reply_that_was_cut_at_its_longest(mira, simulator):
    for flag in ("-x", "--json-reply"):
        simulator.say({"text": "```\nhalf", "finish_reason": "length"})
        got = mira("ask", "-u", flag, "x")
        assert (got.code, " in · " in got.err) == (8, True)


@pytest.mark.parametrize("flags", [["-x"], ["--lang", "sh"], ["--json-reply"], ["-q", "--json-reply"]])
@pytest.mark.parametrize("finish_reason", ["length", "content_filter", "error"])
def test_a_reply_that_was_cut_goes_to_standard_error(mira, simulator, flags, finish_reason):
    simulator.say({"text": '```\n{"half": [1, 2', "finish_reason": finish_reason})
    got = mira("ask", *flags, "x")
    assert (got.code, got.out) == (8, "")
    assert got.err.startswith('```\n{"half": [1, 2\nmira: The ')


def test_the_first_code_block_is_printed(mira, simulator):
    simulator.say("text\n\n```python\nx = 1\n```\n\n~~~ruby\ny\n~~~\n", "no code", "```sh\nhalf")
    assert mira("ask", "-x", "a", "question").out == "x = 1\n"
    got = mira("ask", "-x", "q")
    assert (got.code, got.out) == (9, "")
    assert mira("ask", "-x", "q").out == "half\n"


def test_code_of_a_language_and_all_of_them(mira, simulator):
    text = "```py\na\n```\n```ruby\nb\n```\n```python\nc\n```\n"
    simulator.say(text, text, text)
    assert mira("ask", "--lang", "Python3", "q").out == "a\n"
    assert mira("ask", "--lang", "python", "--code-all", "q").out == "a\n\nc\n"
    assert mira("ask", "--code-all", "q").out == "a\n\nb\n\nc\n"


def test_code_of_a_cut_reply_is_not_printed(mira, simulator):
    simulator.fail("cut-mid-token")
    got = mira("ask", "-x", "write code")
    assert (got.code, got.out) == (8, "")


def test_what_is_left_out_of_a_part_of_a_reply_is_told(mira, simulator):
    simulator.say("```\na\u200bb\u2060\n```", '["a\u200bb"]', "```\na\u200bb\n```")
    note = "note: {} in this reply {} not shown"
    got = mira("ask", "-x", "x", out_tty=True)
    assert (got.out, note.format("2 invisible characters", "were") in got.err) == ("ab\n", True)
    got = mira("ask", "--json-reply", "--no-reask", "x", out_tty=True)
    assert (got.code, "invisible" in got.err) == (9, False)
    got = mira("ask", "-x", "x")
    assert (got.out, got.err) == ("a\u200bb\n", "")


HALF = "```bash\nrm -rf build\ncd /important && "
EARLY = (
    "content_filter", "CONTENT_FILTER", "SAFETY", "length", "MAX_TOKENS", "max_tokens", "model_length", "error",
    "abort", "tool_calls", "something new",
)  # fmt: skip
NATURAL = ("stop", "STOP", "end_turn", "eos", "eos_token", "stop_sequence", "FinishReason.STOP", "")


@pytest.mark.parametrize("reason", EARLY)
@pytest.mark.parametrize("flags", [("-x",), ("--lang", "bash"), ("--code-all",)])
def test_half_a_program_is_not_printed(mira, simulator, reason, flags):
    simulator.say({"text": HALF, "finish_reason": reason})
    got = mira("ask", "-q", *flags, "hi")
    assert (got.code, got.out) == (8, "")
    assert HALF.strip() in got.err


@pytest.mark.parametrize("reason", NATURAL)
def test_code_is_printed_after_a_natural_end(mira, simulator, reason):
    simulator.say({"text": "```bash\nls\n```", "finish_reason": reason})
    got = mira("ask", "-x", "hi")
    assert (got.code, got.out, got.err) == (0, "ls\n", "")


@pytest.mark.parametrize("flags", [("-x",), ("--lang", "rust"), ("--code-all",)])
def test_a_reply_without_the_code_goes_to_standard_error(mira, simulator, flags):
    simulator.say("No code,\nbut words \x1b[31mthat were paid for.")
    got = mira("ask", "-q", *flags, "hi")
    assert (got.code, got.out) == (9, "")
    assert "No code,\nbut words ^[[31mthat were paid for.\n" in got.err


def test_a_reply_that_the_network_cut_goes_to_standard_error_too(mira, simulator):
    simulator.fail("cut-between")
    got = mira("ask", "-x", "hi")
    assert (got.code, got.out) == (8, "")
    assert got.err.count("\n") >= 2


def test_reasoning_beside_code(mira, simulator):
    simulator.say("<think>A list.</think>```\nls\n```")
    got = mira("ask", "-x", "--reasoning", "list files")
    assert (got.out, got.err) == ("ls\n", "A list.\n")
