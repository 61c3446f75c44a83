"""Whatever a server sends: a reply or one of our errors, soon, and never anything else."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mira_cli.conversation.reply import ReplyBuilder
from mira_cli.errors import MiraError

HEADS = [
    b"HTTP/1.1 200 OK\r\n\r\n",
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
    b"HTTP/1.1 200 OK\r\ncontent-length: 40\r\n\r\n",
    b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n",
    b"HTTP/1.1 422 No\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"",
]
PIECES = [
    b'data: {"choices":[{"delta":{"content":"a"}}]}\n\n',
    b'data: {"choices":[{"delta":{"content":"\\ud83d"}}]}\n\n',
    b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\r\n\r\n',
    b'{"choices":[{"message":{"content":"a"}}]}',
    b'data: {"error":{"message":"x"}}\n\n',
    b"data: [DONE]\n\n",
    b"event: error\n",
    b": ping\n\n",
    b"data: ",
    b"{",
    b"\xef\xbb\xbf",
    b"5\r\n",
    b"0\r\n\r\n",
    b"\x1f\x8b\x08\x00",
    b"\x00\xff",
    b"<html>",
    b"<think>",
]
answers = st.tuples(
    st.sampled_from(HEADS),
    st.lists(st.sampled_from(PIECES) | st.binary(max_size=12), max_size=8).map(b"".join),
).map(b"".join)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answer=answers)
@pytest.mark.filterwarnings("error")
def test_any_bytes_are_a_reply_or_one_of_our_errors(serve, asker, answer):
    outcome = asker(serve(answer), limit={"timeout": 2, "retries": 0}).ask()
    assert isinstance(outcome, (ReplyBuilder, MiraError))
    if isinstance(outcome, ReplyBuilder):
        assert outcome.text
    else:
        assert outcome.exit_code in {3, 5, 7, 8}
        assert "\n" not in outcome.message
        assert (outcome.exit_code == 8) == bool(outcome.partial)
