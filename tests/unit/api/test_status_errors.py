"""A status and a body become an error with the right class, words and hint."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mira_cli import errors
from mira_cli.api.request import RequestInfo, Server
from mira_cli.api.status_errors import from_response, message_of, quote, read_message

KEY = "sk-mira-1a2b3c4d" + "e" * 32
SERVER = Server("https://api.vmira.ai/v1", KEY, "key sk-mira-1a2b3c4d… from MIRA_API_KEY", "Do this.")
INFO = RequestInfo(SERVER, "mira", 1234)
PLAIN = Server("https://api.vmira.ai/v1", KEY)


def failure(status, body=b"", *, info=INFO, reason="Reason", wait=None):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {} if wait is None else {"retry-after": str(wait)}
    return from_response(SimpleNamespace(status=status, reason=reason, headers=headers), raw, info)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"detail": "bad"}, errors.RefusedError),
        (401, {"detail": "bad key"}, errors.AuthError),
        (402, b"", errors.QuotaError),
        (403, {"detail": "Forbidden"}, errors.AuthError),
        (403, {"detail": "Monthly quota exceeded"}, errors.QuotaError),
        (404, b"", errors.RefusedError),
        (405, b"", errors.RefusedError),
        (408, b"", errors.ServerError),
        (425, b"", errors.ServerError),
        (410, b"", errors.RefusedError),
        (413, b"", errors.TooLargeError),
        (407, b"", errors.NetworkError),
        (415, b"", errors.RefusedError),
        (418, b"", errors.RefusedError),
        (422, [{"loc": ["body"], "msg": "x"}], errors.RefusedError),
        (422, {"detail": '{"error":"content_blocked"}'}, errors.BlockedError),
        (400, {"error": {"code": "context_length_exceeded"}}, errors.ContextError),
        (400, {"detail": "This model's maximum context length is 32768 tokens"}, errors.ContextError),
        (422, {"detail": "Превышена длина контекста"}, errors.ContextError),
        (400, {"detail": "JSON nesting depth exceeds limit (max 20)"}, errors.RefusedError),
        (429, {"detail": "slow"}, errors.RateLimitError),
        (429, {"error": {"type": "insufficient_quota"}}, errors.QuotaError),
        (429, {"detail": "Billing hard limit"}, errors.QuotaError),
        (429, {"detail": "your balance is empty"}, errors.QuotaError),
        (429, {"detail": "load balancer is busy"}, errors.RateLimitError),
        (429, {"detail": "Квота исчерпана"}, errors.QuotaError),
        (500, {"detail": "quota of threads"}, errors.ServerError),
        (501, b"", errors.ServerError),
        (503, b"<html>", errors.ServerError),
        (599, b"", errors.ServerError),
        (302, b"", errors.RefusedError),
    ],
)
def test_the_class_of_each_status(status, body, kind):
    error = failure(status, body)
    assert type(error) is kind
    assert error.status == status


def test_a_refused_key_is_named_by_its_mask_and_source():
    error = failure(401, {"detail": f"Invalid key {KEY}"})
    assert error.message == "The API refused key sk-mira-1a2b3c4d… from MIRA_API_KEY."
    assert error.hint == "Do this."
    assert failure(401, info=RequestInfo(PLAIN)).message == "The API refused key sk-mira-1a2b3c4d…."


def test_a_used_up_balance_says_where_to_top_up():
    error = failure(402)
    assert error.message == "The balance or quota is used up."
    assert "https://platform.vmira.ai" in error.hint


def test_a_plan_that_is_too_low_and_a_wrong_path():
    info = RequestInfo(PLAIN, model="mira-max")
    assert "mira-max needs the max plan" in failure(403, {"detail": "Upgrade your plan"}, info=info).hint
    assert "Check the base URL" in failure(403, {"detail": "Forbidden"}).hint
    assert "mira config get base_url" in failure(404).hint


def test_a_model_that_is_not_there():
    error = failure(404, {"error": {"message": "The model `nope` does not exist"}})
    assert "does not exist" in error.message
    assert "mira models" in error.hint
    for model, hint in (("mirra", "See the models: mira models"), ("mira", "")):
        error = failure(400, {"detail": "Unknown model"}, info=RequestInfo(PLAIN, model=model))
        assert (type(error), error.hint) == (errors.RefusedError, hint)
    assert failure(400, {"detail": "no"}, info=RequestInfo(PLAIN, model="mirra")).hint == ""


def test_how_large_is_too_large():
    assert "1,234 bytes" in failure(413).message


def test_when_to_try_again():
    error = failure(429, wait=40)
    assert error.message.startswith("Rate limited. Try again at ")
    assert error.message.endswith("(in 40 s).")
    assert (error.hint, error.retry_after) == ("", 40)
    assert failure(429).retry_after is None
    assert "Try again at" in failure(402, wait=7200).message


def test_a_server_that_is_away_for_long_is_a_limit():
    error = failure(503, wait=3600)
    assert type(error) is errors.RateLimitError
    assert "(503 Reason)" in error.message
    assert "(in 60 min)" in error.message
    assert type(failure(503, wait=60)) is errors.ServerError


def test_what_the_server_says_is_quoted_on_one_short_line():
    assert failure(400, {"detail": "too\n much "}).message == "The API refused the request (400): too much."
    assert failure(400, {"detail": "a\x0bb\x1fc\x85d"}).message.endswith("(400): a\x0bb\x1fc\x85d.")
    assert failure(400, {"detail": "Really?"}).message == "The API refused the request (400): Really?"
    assert failure(400, reason="").message == "The API refused the request (400)."
    assert failure(503, b"<html>", reason="Busy").message == "The server failed (503 Busy)."
    long = failure(422, {"detail": "x" * 300_000}).message
    assert len(long) < 350
    assert long.endswith("…")


def test_html_is_never_shown():
    assert "<" not in failure(502, b"<html><body>Bad <b>gateway").message


def test_neither_the_key_nor_the_conversation_is_repeated():
    info = RequestInfo(PLAIN, texts=("my secret question", "ok"))
    quoted = quote(f"bad {KEY} in 'my secret question': ok; other sk-mira-{'f' * 40}", info)
    assert quoted == "bad sk-mira-1a2b3c4d… in '…': ok; other sk-mira-ffffffff…"


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([400, 401, 402, 403, 404, 413, 422, 429, 500, 503]),
    st.text(max_size=60),
    st.text(max_size=20),
)
def test_no_error_text_ever_holds_the_key(status, before, after):
    for body in (
        {"detail": f"{before}{KEY}{after}"},
        {"error": {"message": KEY, "code": KEY}},
        f"{before}{KEY}".encode(),
    ):
        error = failure(status, body, reason=KEY)
        assert KEY not in error.message + error.hint
        assert "\n" not in error.message + error.hint


def text_of(value):
    return read_message(value if isinstance(value, bytes) else json.dumps(value).encode()).text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"detail": "no"}, "no"),
        ({"detail": {"error": "no"}}, "no"),
        ({"detail": {"message": "no", "code": "x"}}, "no"),
        ({"detail": json.dumps({"error": "no"})}, "no"),
        ({"detail": json.dumps([{"loc": ["body", "a"], "msg": "no"}])}, "a: no"),
        (
            {"detail": [{"loc": ["body", "messages", 0, "content"], "msg": "too long"}]},
            "messages.0.content: too long",
        ),
        ({"detail": [{"msg": "a"}, {"msg": "b"}, {"loc": [], "msg": "c"}, {"msg": "d"}]}, "a; b; c"),
        ({"error": {"message": "no", "type": "t", "code": None}}, "no"),
        ({"error": "no"}, "no"),
        ({"error": "rate_limited", "message": "Slow down"}, "Slow down"),
        ({"error": "The model is not loaded", "message": "Slow down"}, "The model is not loaded"),
        ({"error": "rate_limited"}, "rate_limited"),
        ({"statusCode": 400, "error": "Bad Request", "message": "no"}, "no"),
        ({"statusCode": 400, "error": "Bad Request", "message": ["a", "b"]}, "a; b"),
        (
            {"status": 500, "error": "Internal Server Error", "message": "", "path": "/v1"},
            "Internal Server Error",
        ),
        ({"error": {"error": {"message": "deep"}}}, "deep"),
        ({"message": "no"}, "no"),
        ({"errors": ["a", "b"]}, "a; b"),
        ({"error": {"code": "model_overloaded", "message": None}}, "model_overloaded"),
        ({"code": 7, "type": "model_overloaded"}, "model_overloaded"),
        ("no", "no"),
        (["no"], "no"),
        ({}, ""),
        ({"detail": None}, ""),
        ({"detail": 7}, ""),
        (b"plain words", "plain words"),
        (b"\xef\xbb\xbf" + b'{"detail": "no"}', "no"),
        (b"", ""),
        (b"  \n", ""),
        (b"<html><h1>502</h1>", ""),
        (b"  <!DOCTYPE html>", ""),
        (b"Error <html>", ""),
        (b'{"detail": "cut \\" off', 'cut \\" off'),
        (b'{"messages": [{"content": "secret', ""),
        (b"{not json}", ""),
    ],
)
def test_the_text_of_an_error_is_found_wherever_it_stands(body, text):
    assert text_of(body) == text


def test_what_pydantic_repeats_of_the_input_is_not_taken():
    issue = {"type": "too_long", "loc": ["body", "messages"], "msg": "at most 200", "input": ["my secret"]}
    assert text_of({"detail": [issue]}) == "messages: at most 200"


@pytest.mark.parametrize(
    "body",
    [
        {"detail": '{"category":"violence","error":"content_blocked"}'},
        {"detail": {"category": "violence", "error": "content_blocked"}},
        {"error": {"code": "content_blocked", "message": "No.", "category": "violence"}},
    ],
)
def test_blocked_content_in_each_shape(body):
    message = message_of(body)
    assert message.blocked
    assert message.category == "violence"


def test_codes_are_gathered_from_every_level():
    message = message_of({"error": {"message": "m", "type": "Insufficient_Quota", "code": 429}})
    assert message.codes == {"insufficient_quota", "429"}
    assert not message.blocked


def test_depth_is_bounded():
    value = "deep"
    for _ in range(50):
        value = {"detail": value}
    assert message_of(value).text == ""
    assert read_message(b"[" * 60_000).text == ""


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "detail", "message", "loc", "msg", "code", "category"]), inner
        )
    ),
    max_leaves=10,
)


@settings(max_examples=300, deadline=None)
@given(values)
def test_no_value_can_break_it(value):
    assert isinstance(message_of(value).text, str)
    assert read_message(json.dumps(value).encode()) == message_of(value) or not isinstance(
        value, (dict, list, str)
    )


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80))
def test_no_bytes_can_break_it(body):
    assert isinstance(read_message(body).text, str)
