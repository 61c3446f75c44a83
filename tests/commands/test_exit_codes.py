"""The exit code and the error that programs read, for each kind of failure."""

from __future__ import annotations

import json

import pytest

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
def test_each_failure_has_its_exit_code_and_type(mira, simulator, fault, code, kind, retryable):
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


def test_other_commands_tell_programs_too(mira, tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text("model =")
    for argv in (["models", "--json"], ["config", "list", "--json"]):
        got = mira(*argv)
        assert got.code == 2
        assert json.loads(got.out)["error"]["type"] == "config"
        assert "config.toml line 1" in got.err
