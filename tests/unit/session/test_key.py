"""A person without a key is asked for one, and goes on."""

from __future__ import annotations

from io import BytesIO

import pytest

from mira_cli.errors import AuthError
from mira_cli.session.key import ask_for_key, can_ask, set_key
from mira_cli.settings import keys
from mira_cli.settings.resolve import resolve
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


def said(streams):
    return streams.stderr.sink.getvalue().decode()


def typing(*lines):
    """A reader that gets these lines, and the prompts it showed."""
    left = list(lines)
    prompts = []

    def read(streams, prompt):
        prompts.append(prompt)
        return left.pop(0)

    return read, prompts


def test_a_key_is_asked_for_saved_and_used(env, streams):
    read, prompts = typing(f" {KEY}\n")
    settings = resolve({}, env)
    assert ask_for_key(streams, settings, read=read).value == KEY
    assert prompts == [
        "mira needs an API key. Get one at https://platform.vmira.ai, then paste it here (hidden):"
    ]
    assert keys.lookup(settings, env, print).value == KEY
    assert KEY not in said(streams)


def test_a_slip_is_told_and_it_is_asked_again(env, streams):
    read, prompts = typing("what?", KEY)
    assert ask_for_key(streams, resolve({}, env), read=read).value == KEY
    assert len(prompts) == 2
    assert "they start with sk-mira-" in said(streams)


@pytest.mark.parametrize("lines", [[None], [""], ["  "], ["a", "b", "c"]])
def test_none_in_the_end(env, streams, lines):
    read, _ = typing(*lines)
    with pytest.raises(AuthError) as caught:
        ask_for_key(streams, resolve({}, env), read=read)
    assert caught.value.exit_code == 4


def test_a_key_that_cannot_be_kept_serves_this_run(env, streams, tmp_path):
    (tmp_path / "mira").write_text("a file in the way")
    read, _ = typing(KEY)
    assert ask_for_key(streams, resolve({}, env), read=read).value == KEY
    assert "this run only" in said(streams)
    assert KEY not in said(streams)


def test_config_set_key_asks_on_a_terminal(env, streams):
    read, prompts = typing(KEY)
    set_key(streams, env, None, read=read)
    assert prompts == ["Paste the API key here (hidden):"]
    assert keys.lookup(resolve({}, env), env, print).value == KEY


def test_it_is_asked_only_where_a_person_types_and_sees_it(streams):
    assert can_ask(streams)
    assert not can_ask(buffered(None, None, None, err_tty=True))
    assert not can_ask(buffered(None, None, None, in_tty=True))
