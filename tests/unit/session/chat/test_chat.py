"""The state of a chat: what it has used, and which models it knows."""

from __future__ import annotations

from threading import Event

import pytest

from mira_cli.api.models import BUILTIN, ModelInfo
from mira_cli.errors import NetworkError
from mira_cli.session.chat.chat import ModelList


def wait_for(true):
    """Until another thread has done it."""
    while not true():
        Event().wait(0.001)


def test_the_known_ones_until_the_server_has_answered():
    answer, calls = Event(), []

    def fetch():
        calls.append(1)
        answer.wait()
        return [ModelInfo("new", context_window=10_000, max_output=100)], "/models"

    models = ModelList(fetch)
    assert models.names() == models.names() == tuple(BUILTIN)
    assert models.find("new").context_window == BUILTIN["mira"].context_window
    answer.set()
    wait_for(lambda: models.listed)
    assert models.names() == ("new",)
    assert models.find("new").context_window == 10_000
    assert models.find("mira-max").context_window == BUILTIN["mira-max"].context_window
    assert calls == [1]


@pytest.mark.parametrize("error", [NetworkError("no"), RuntimeError("the client has been closed")])
def test_a_failure_is_no_news_and_the_next_look_tries_again(error):
    calls = []

    def fetch():
        calls.append(1)
        raise error

    models = ModelList(fetch)
    assert models.names() == tuple(BUILTIN)
    wait_for(lambda: len(models.names()) and len(calls) > 1)
    assert models.names() == tuple(BUILTIN)
    assert not models.listed
