"""`mira ask` as it is typed: what stands on stdout, on stderr, the exit code, and what the server saw."""

from __future__ import annotations

import json

import pytest


def last_body(simulator):
    return simulator.requests[-1].body


def question(simulator):
    return last_body(simulator)["messages"][-1]["content"]


def test_answer_goes_to_stdout_and_nothing_else(mira, simulator):
    simulator.say("An answer.")
    got = mira("ask", "what", "is", "this?")
    assert (got.code, got.out, got.err) == (0, "An answer.\n", "")
    assert question(simulator) == "what is this?"


def test_own_line_ends_stay(mira, simulator):
    simulator.say("one\r\ntwo\n\n")
    assert mira("ask", "x").out == "one\r\ntwo\n\n"


def test_a_first_word_with_white_space_is_a_question(mira, simulator):
    simulator.say("yes")
    assert mira("is it?", "-q").out == "yes\n"
    assert question(simulator) == "is it?"


def test_after_two_dashes_a_dash_makes_no_option(mira, simulator):
    assert mira("--", "-5 + 3").code == 0
    assert question(simulator) == "-5 + 3"
    assert mira("--", "ask", "hi").code == 0
    assert question(simulator) == "hi"


def test_bare_mira_with_piped_input_asks(mira, simulator):
    simulator.say("yes")
    assert mira(stdin=b"is it?\n").out == "yes\n"
    assert question(simulator) == "is it?"


def test_piped_text_stands_before_the_question(mira, simulator):
    mira("ask", "explain", stdin=b"a ``` b\n")
    assert question(simulator) == "Standard input:\n````\na ``` b\n````\n\nexplain"


def test_a_dash_says_where(mira, simulator):
    mira("ask", "before", "-", "after", stdin=b"middle")
    assert question(simulator) == "before\n\nStandard input:\n```\nmiddle\n```\n\nafter"


def test_empty_standard_input_beside_words_is_nothing(mira, simulator):
    for argv in (("ask", "x"), ("ask", "-", "x"), ("ask", "-f", "-", "x")):
        assert mira(*argv, stdin=b"\n").code == 0
        assert question(simulator) == "x"


def test_no_stdin(mira, simulator):
    mira("ask", "--no-stdin", "x", stdin=b"unread")
    assert question(simulator) == "x"


def test_files(mira, simulator, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("some text")
    mira("ask", "-f", str(path), "sum up")
    assert question(simulator) == f"File {path}:\n```\nsome text\n```\n\nsum up"


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
    body = last_body(simulator)
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
    assert last_body(simulator)["messages"][0]["content"] == "be kind"


def test_a_file_of_the_system_prompt_that_is_gone_is_told_with_who_named_it(mira):
    got = mira("ask", "x", MIRA_SYSTEM="@/nowhere/x")
    assert (got.code, got.err.splitlines()[0]) == (2, "mira: MIRA_SYSTEM: No such file: /nowhere/x.")
    assert mira("config", "set", "system", "@/nowhere/x").code == 0
    assert mira("ask", "x").err.startswith("mira: system in config.toml: No such file: /nowhere/x.\n")
    assert mira("ask", "-s", "@/nowhere/x", "x").err.startswith("mira: No such file: /nowhere/x.\n")


def test_json(mira, simulator):
    simulator.say("Привет")
    got = mira("ask", "--json", "x")
    value = json.loads(got.out)
    assert got.out.isascii()
    assert value["text"] == "Привет"
    assert list(value) == ["text", "model", "finish_reason", "usage", "id", "truncated", "trimmed", "elapsed"]
    assert got.err == ""


def test_events(mira, simulator):
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


def test_usage_line(mira, simulator):
    simulator.say("hi")
    assert mira("ask", "x").err == ""
    assert " in · " in mira("ask", "-u", "x").err
    assert " in, " in mira("ask", "x", out_tty=True, err_tty=True, TERM="dumb").err


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


def test_dry_run_needs_neither_key_nor_network(mira, simulator):
    got = mira("ask", "-n", "a [b]", MIRA_API_KEY="")
    assert got.code == 0
    assert json.loads(got.out)["messages"] == [{"role": "user", "content": "a [b]"}]
    assert "\\u005bb\\u005d" in got.out
    assert "sk-mira-" not in got.out + got.err
    assert simulator.requests == []


def test_code(mira, simulator):
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


def test_conversation_file(mira, simulator, tmp_path):
    path = tmp_path / "talk.json"
    simulator.say("one", "two")
    assert mira("ask", "-c", str(path), "first").code == 0
    assert mira("ask", "-c", str(path), "second").code == 0
    sent = last_body(simulator)["messages"]
    assert [message["content"] for message in sent] == ["first", "one", "second"]
    assert json.loads(path.read_text())["format"] == "mira-conversation/1"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_conversation_file_that_was_empty_is_made_private(mira, tmp_path):
    path = tmp_path / "talk.json"
    path.touch(0o644)
    assert mira("ask", "-c", str(path), "first").code == 0
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    assert mira("ask", "-c", str(path), "second").code == 0
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("flags", "usual", "sent"),
    [
        ((), "", ["its own"]),
        ((), "usual", ["its own"]),
        (("-s", "typed"), "usual", ["typed"]),
        (("-s", ""), "usual", []),
    ],
)
def test_only_a_system_text_typed_now_replaces_the_one_of_the_conversation(
    mira, simulator, tmp_path, flags, usual, sent
):
    path = tmp_path / "talk.json"
    mira("ask", "-c", str(path), "-s", "its own", "first")
    assert mira("ask", "-c", str(path), *flags, "second", MIRA_SYSTEM=usual).code == 0
    for messages in (last_body(simulator)["messages"], json.loads(path.read_text())["messages"]):
        assert [each["content"] for each in messages if each["role"] == "system"] == sent


def test_a_conversation_without_a_system_text_takes_the_usual_one(mira, simulator, tmp_path):
    mira("ask", "-c", str(tmp_path / "talk.json"), "x", MIRA_SYSTEM="usual")
    assert last_body(simulator)["messages"][0] == {"role": "system", "content": "usual"}


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (("ask", "x", "--model"), "See: mira ask --help"),
        (("ask", "--json=1", "x"), "See: mira ask --help"),
        (("config", "list", "--json=1"), "See: mira config list --help"),
        (("ask", *("--stop=a", "--stop=b", "--stop=c", "--stop=d", "--stop=e"), "x"), "4 texts, not 5."),
    ],
)
def test_a_wrong_call_is_answered_in_its_own_terms(mira, argv, says):
    got = mira(*argv)
    assert got.code == 2
    assert says in got.err


def test_a_failed_turn_leaves_the_conversation_file(mira, simulator, tmp_path):
    path = tmp_path / "talk.json"
    mira("ask", "-c", str(path), "first")
    before = path.read_bytes()
    simulator.fail("cut-mid-token")
    assert mira("ask", "-c", str(path), "second").code == 8
    assert path.read_bytes() == before


def test_length_is_said(mira, simulator):
    simulator.fail("length")
    got = mira("ask", "--max-tokens", "3", "x")
    assert got.code == 0
    assert "The reply hit the limit of 3 tokens; raise it with --max-tokens." in got.err


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["ask"], "No question. Usage: mira ask "),
        (["ask", "-t", "9", "x"], "9 is out of range 0 to 2."),
        (["ask", "--max-tokens", "0", "x"], "out of range"),
        (["ask", "--modle", "x", "y"], "Did you mean --model?"),
        (["ask", "-5 + 3"], "mira ask -- '-5 + 3'"),
        (["-5 + 3"], "mira ask -- '-5 + 3'"),
        (["ask", "what is", "-5"], "mira ask -- 'what is -5'"),
        (["ask", "-q", "-5", "+", "3"], "mira ask -- '-5 + 3'"),
        (["chat", "-5 + 3"], "mira chat -- '-5 + 3'"),
        ([], "No question."),
        (["ask", "-f", "-"], "No question."),
        (["ask", "-f", "", "x"], "The file name is empty."),
        (["ask", "-c", "", "x"], "--conversation must not be empty."),
        (["ask", "--schema", "", "x"], "--schema must not be empty."),
        (["ask", "--lang", "", "x"], "--lang must not be empty."),
        (["batch", "-o", "", "x"], "--output must not be empty."),
        (["simulate", "--log", "", "true"], "--log must not be empty."),
        (["simulate", "--script", "", "true"], "--script must not be empty."),
        (["--verison"], "Did you mean --version?"),
        (["aks", "x"], "Did you mean ask?"),
        (["why?"], "mira ask 'why?'"),
        (["why", "is", "it", "so?"], "To ask it: mira ask why is it 'so?'"),
        ([""], "No such command: ''.\nSee: mira --help"),
        (["--"], "No question."),
        (["ask", "--key", "sk-mira-1", "x"], "No flag takes a key. Set MIRA_API_KEY, or"),
        (["--api-key=sk-mira-1", "ask"], "No flag takes a key."),
        (["chat", "--json"], "It is an option of: mira ask"),
        (["config", "--json"], "It is an option of: mira config list"),
        (["ask", "--save", "x"], "It is an option of: mira chat"),
        (["ask", "--version"], "It stands alone: mira --version"),
        (["ask", "-m"], "mira: -m needs a value.\nSee: mira ask --help"),
        (["ask", "--json=yes", "x"], "mira: --json takes no value."),
        (["batch"], "mira: mira batch needs a FILE."),
        (["models", "x", "y"], "mira: mira models does not take: x y."),
        (["config"], "mira: mira config needs a command."),
        (["help", "why"], "See: mira --help"),
        (["ask", "--json", "--events", "x"], "can't be combined"),
        (["ask", "--json", "-x", "x"], "can't be combined"),
        (["ask", "--json-reply", "--code", "x"], "can't be combined"),
        (["ask", "-q", "-v", "x"], "can't be combined"),
        (["ask", "a", "-", "b", "-"], "more than once"),
        (["ask", "-f", "/nowhere/x", "y"], "No such file:"),
        (["ask", "--base-url", "http://example.com", "x"], "https"),
    ],
)
def test_usage_errors(mira, simulator, argv, words):
    got = mira(*argv)
    assert got.code == 2
    assert got.out == "" or json.loads(got.out)["error"]["type"] == "usage"
    assert words in got.err
    assert got.err.startswith("mira: ")
    assert len(got.err.splitlines()) <= 2
    assert simulator.requests == []


@pytest.mark.parametrize(
    ("argv", "variables"),
    [
        (["--color", "never"], {}),
        ([], {"MIRA_COLOR": "never", "FORCE_COLOR": "1"}),
        (["--plain"], {}),
        ([], {"MIRA_PLAIN": "yes"}),
    ],
)
def test_a_refused_setting_is_told_without_colour_where_none_is_wanted(mira, argv, variables):
    assert "\x1b" in mira("ask", "-t", "9", "x", err_tty=True).err
    assert "\x1b" not in mira("ask", *argv, "-t", "9", "x", err_tty=True, **variables).err


def test_usage_errors_for_programs(mira):
    for argv in (["ask", "--json", "-t", "9", "x"], ["ask", "-t", "9", "--json", "x"], ["ask", "--json"]):
        error = json.loads(mira(*argv).out)["error"]
        assert list(error) == ["type", "message", "status", "retryable", "retry_after", "partial"]
        assert error["type"] == "usage"
    line = json.loads(mira("ask", "--events", "-t", "9", "x").out)
    assert list(line) == ["event", "error"]


EXITS = [
    ("400", 5, "refused", False),
    ("401", 4, "auth", False),
    ("402", 6, "quota", False),
    ("403-plan", 4, "auth", False),
    ("403-quota", 6, "quota", False),
    ("404", 5, "refused", False),
    ("413", 5, "too_large", False),
    ("blocked", 5, "blocked", False),
    ("429-hour", 6, "rate_limit", True),
    ("429-quota", 6, "quota", False),
    ("501", 7, "server", True),
    ("html", 7, "server", True),
    ("empty-body", 7, "server", True),
    ("error-first", 7, "server", True),
    ("cut-mid-token", 8, "incomplete", True),
    ("error-mid", 8, "incomplete", True),
]


@pytest.mark.parametrize(("fault", "code", "kind", "retryable"), EXITS)
def test_exit_codes(mira, simulator, fault, code, kind, retryable):
    simulator.fail(fault)
    got = mira("ask", "--json", "--retries", "0", "x")
    error = json.loads(got.out)["error"]
    assert (got.code, error["type"], error["retryable"]) == (code, kind, retryable)
    assert 1 <= len(got.err.splitlines()) <= 2
    assert "Traceback" not in got.err
    assert simulator.key not in got.out + got.err


def test_exit_code_of_no_key_and_of_a_bad_one(mira):
    assert mira("ask", "x", MIRA_API_KEY="").code == 4
    got = mira("ask", "x", MIRA_API_KEY="sk-other-123")
    assert (got.code, got.out) == (4, "")
    assert "sk-other-123" not in got.err


def test_exit_code_of_no_network(mira):
    got = mira("ask", "--retries", "0", "x", MIRA_BASE_URL="http://127.0.0.1:1")
    assert got.code == 3
    assert "Cannot reach 127.0.0.1" in got.err


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


def test_models(mira):
    got = mira("models")
    assert got.code == 0
    assert got.out.splitlines()[0].split("\t")[:3] == ["mira", "32768", "4096"]
    assert json.loads(mira("models", "--json").out)["models"][0]["id"] == "mira"


def test_version_and_help(mira):
    assert mira("--version").out.startswith("mira ")
    assert mira("ask", "--version").code == 2


def test_json_reply(mira, simulator):
    simulator.say('Here: {"a": 1.0} fine?', '{"b": [1,2]}')
    got = mira("ask", "--json-reply", "x")
    assert (got.code, got.out) == (0, '{"a": 1.0}\n')
    body = last_body(simulator)
    assert body["response_format"] == {"type": "json_object"}
    assert body["messages"][-1]["content"].startswith("x\n\n")
    assert json.loads(mira("ask", "--json-reply", "--json", "x").out)["data"] == {"b": [1, 2]}


def test_json_reply_on_a_terminal_does_nothing_to_it(mira, simulator):
    simulator.say(*['{"a": "\x9b31m\u202e"}'] * 3)
    exact = '{"a": "\x9b31m\u202e"}\n'
    assert mira("ask", "--json-reply", "x").out == exact
    assert mira("ask", "--json-reply", "x", out_tty=True).out == '{"a": "<U+009B>31m<U+202E>"}\n'
    assert mira("ask", "--json-reply", "--sanitize", "never", "x", out_tty=True).out == exact


def test_what_is_left_out_of_a_part_of_a_reply_is_told(mira, simulator):
    simulator.say("```\na\u200bb\u2060\n```", '["a\u200bb"]', "```\na\u200bb\n```")
    note = "note: {} in this reply {} not shown"
    got = mira("ask", "-x", "x", out_tty=True)
    assert (got.out, note.format("2 invisible characters", "were") in got.err) == ("ab\n", True)
    got = mira("ask", "--json-reply", "--no-reask", "x", out_tty=True)
    assert (got.code, "invisible" in got.err) == (9, False)
    got = mira("ask", "-x", "x")
    assert (got.out, got.err) == ("a\u200bb\n", "")


def test_what_a_conversation_file_holds_before_its_first_question_is_said_to_be_left_out(mira, tmp_path):
    path = tmp_path / "talk.json"
    path.write_text('[{"role": "assistant", "content": "Welcome"}]')
    got = mira("ask", "-c", str(path), "x")
    assert (got.code, got.err) == (0, "Replies before the first question were skipped.\n")
    assert mira("ask", "-c", str(path), "y").err == ""


def test_json_reply_asks_once_more(mira, simulator, tmp_path):
    simulator.say("no json", '{"a": 1}', "no", "never")
    path = tmp_path / "talk.json"
    got = mira("ask", "--json-reply", "-c", str(path), "x")
    assert (got.code, got.out) == (0, '{"a": 1}\n')
    assert len(last_body(simulator)["messages"]) == 3
    assert [m["content"] for m in json.loads(path.read_text())["messages"]] == ["x", '{"a": 1}']
    got = mira("ask", "--json-reply", "x")
    assert (got.code, got.out) == (9, "")
    assert "never" in got.err
    assert len(simulator.requests) == 4


def test_no_reask(mira, simulator):
    simulator.say("no json")
    got = mira("ask", "--json-reply", "--no-reask", "--json", "x")
    assert got.code == 9
    error = json.loads(got.out)["error"]
    assert (error["type"], error["partial"]) == ("mismatch", "no json")
    assert len(simulator.requests) == 1


def test_schema(mira, simulator, tmp_path):
    path = tmp_path / "schema.json"
    path.write_text('{"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}')
    simulator.say('{"n": "x"}', '{"n": 3}')
    lines = mira("ask", "--schema", str(path), "--events", "x").out.splitlines()
    events = [json.loads(line) for line in lines]
    assert [event["event"] for event in events if event["event"] != "delta"] == ["start", "notice", "done"]
    assert "".join(event["text"] for event in events if event["event"] == "delta") == '{"n": 3}'
    assert events[-1]["data"] == {"n": 3}
    assert last_body(simulator)["response_format"]["type"] == "json_schema"


def test_other_commands_tell_programs_too(mira, tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text("model =")
    for argv in (["models", "--json"], ["config", "list", "--json"]):
        got = mira(*argv)
        assert got.code == 2
        assert json.loads(got.out)["error"]["type"] == "config"
        assert "config.toml line 1" in got.err


def test_the_theme_of_one_run(mira, simulator):
    code = "```python\nreturn None\n```\n"
    simulator.say(code, code)
    light, dark = (mira("ask", "--color", "always", "--theme", name, "x").out for name in ("light", "dark"))
    assert light != dark
    assert "return" in light
    got = mira("ask", "--theme", "monokia", "x")
    assert (got.code, "style like monokai, not monokia" in got.err, len(simulator.requests)) == (2, True, 2)


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


def test_a_reply_too_long_to_send_back_is_a_mismatch(mira, simulator, tmp_path):
    schema = tmp_path / "schema.json"
    schema.write_text('{"type": "object", "required": ["a"]}')
    long = json.dumps({"b": "x" * 38_000})
    simulator.say(long, long)
    got = mira("ask", "--json", "--schema", str(schema), "hi")
    error = json.loads(got.out)["error"]
    assert (got.code, error["type"], error["partial"]) == (9, "mismatch", long)
    assert len(simulator.requests) == 2
    sent = last_body(simulator)["messages"]
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


def test_reasoning_beside_code(mira, simulator):
    simulator.say("<think>A list.</think>```\nls\n```")
    got = mira("ask", "-x", "--reasoning", "list files")
    assert (got.out, got.err) == ("ls\n", "A list.\n")
