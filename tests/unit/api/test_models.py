"""The models: what servers list, in which order they are asked, and what the table adds."""

from __future__ import annotations

import pytest

from mira_cli.api.models import BUILTIN, ModelInfo, builtin, fetch
from mira_cli.api.request import Answer


class Answers:
    """A client that answers from a table and notes what it was asked."""

    def __init__(self, **answers):
        self.answers = answers
        self.asked = []

    def get(self, path, *, at_origin=False):
        self.asked.append((path, at_origin))
        return Answer(*self.answers.get("origin" if at_origin else "base", (404, None)))


NEWEST = {
    "object": "list",
    "data": [{"id": "mira", "object": "model"}, {"id": "new"}, {"id": "mira"}, {"id": 7}, None],
}
ORIGIN = {
    "default": "mira",
    "models": [
        {"id": "mira-pro", "name": "Pro", "context_window": 99, "max_output_tokens": 9, "requires_plan": "x"}
    ],
}


def test_the_list_below_the_base_url_comes_first_and_the_table_fills_it_in():
    client = Answers(base=(200, NEWEST), origin=(200, ORIGIN))
    models, source = fetch(client.get)
    assert [model.id for model in models] == ["mira", "new"]
    assert models[0] == BUILTIN["mira"]
    assert models[1] == ModelInfo("new")
    assert source == "/models"
    assert client.asked == [("/models", False)]


@pytest.mark.parametrize(
    "answer",
    [(401, {}), (403, {"detail": "Forbidden"}), (404, None), (405, None), (200, None), (200, {}), (200, [])],
)
def test_else_the_list_at_the_origin(answer):
    models, source = fetch(Answers(base=answer, origin=(200, ORIGIN)).get)
    assert models == [ModelInfo("mira-pro", "Pro", 99, 9, "x")]
    assert source == "/api/v1/models"


def test_else_the_built_in_table():
    models, source = fetch(Answers().get)
    assert source == "built-in"
    assert [(model.id, model.context_window, model.max_output, model.plan) for model in models] == [
        ("mira", 32768, 4096, "free"),
        ("mira-thinking", 32768, 8192, ""),
        ("mira-pro", 65536, 8192, "pro"),
        ("mira-max", 131072, 16384, "max"),
    ]


def test_a_model_that_is_not_known_is_taken_to_be_small():
    assert builtin("mira-max") is BUILTIN["mira-max"]
    assert builtin("gpt") == ModelInfo("gpt", "", 32768, 4096, "")


def test_a_key_that_a_server_lists_is_masked():
    key = "sk-mira-1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b"
    models, _ = fetch(Answers(base=(200, {"data": [{"id": key, "name": key}]})).get)
    assert (models[0].id, models[0].name) == ("sk-mira-1a2b3c4d…", "sk-mira-1a2b3c4d…")
