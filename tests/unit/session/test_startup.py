"""A person without a key is asked for one, and goes on."""

from __future__ import annotations

from io import BytesIO

import pytest

from mira_cli.errors import AuthError
from mira_cli.session.startup import find_or_ask_key
from mira_cli.settings import keys
from mira_cli.settings.resolve import resolve
from mira_cli.terminal.prompt import tty
from rig.streams import buffered

KEY = "sk-mira-" + "1a2b3c4d5e" * 4


@pytest.fixture
def env(tmp_path):
    """A config directory that is not there yet."""
    return {"MIRA_CONFIG_DIR": str(tmp_path / "mira")}


@pytest.fixture
def streams(env):
    """A person on a terminal."""
    return buffered(None, BytesIO(), BytesIO(), in_tty=True, err_tty=True, env={**env, "TERM": "dumb"})


def printed(streams):
    return streams.stderr.sink.getvalue().decode()


@pytest.fixture
def typing(monkeypatch):
    """Lets a person type these lines, one a question; gives the prompts that they saw."""

    def typing(*lines):
        left, prompts = list(lines), []

        def read(streams, prompt, ahead):
            prompts.append(prompt)
            return left.pop(0)

        monkeypatch.setattr(tty, "read_hidden", read)
        return prompts

    return typing


def test_a_key_is_asked_for_saved_and_used(env, streams, typing):
    prompts = typing(f" {KEY}\n")
    settings = resolve({}, env)
    assert find_or_ask_key(streams, env, settings).value == KEY
    assert prompts == [
        "mira needs an API key. Get one at https://platform.vmira.ai, then paste it here (hidden):"
    ]
    assert keys.lookup(settings, env, print).value == KEY
    assert KEY not in printed(streams)


def test_a_slip_is_told_and_it_is_asked_again(env, streams, typing):
    prompts = typing("what?", KEY)
    assert find_or_ask_key(streams, env, resolve({}, env)).value == KEY
    assert len(prompts) == 2
    assert "they start with sk-mira-" in printed(streams)


@pytest.mark.parametrize("lines", [[None], [""], ["  "], ["a", "b", "c"]])
def test_who_types_no_key_has_none(env, streams, typing, lines):
    typing(*lines)
    with pytest.raises(AuthError) as caught:
        find_or_ask_key(streams, env, resolve({}, env))
    assert caught.value.exit_code == 4


def test_a_key_that_cannot_be_kept_serves_this_run(env, streams, typing, tmp_path):
    (tmp_path / "mira").write_text("a file in the way")
    typing(KEY)
    assert find_or_ask_key(streams, env, resolve({}, env)).value == KEY
    assert "this run only" in printed(streams)
    assert KEY not in printed(streams)


@pytest.mark.parametrize("side", ["in_tty", "err_tty"])
def test_it_is_asked_only_where_a_person_types_and_sees_it(env, typing, side):
    prompts = typing(KEY)
    with pytest.raises(AuthError, match="Set MIRA_API_KEY, or run"):
        find_or_ask_key(buffered(None, None, None, **{side: True}), env, resolve({}, env))
    assert prompts == []
