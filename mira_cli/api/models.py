"""The models: from the server, else from a built-in table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from mira_cli.masking import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mira_cli.api.request import Answer

_OK = 200


class ModelInfo(NamedTuple):
    """A model; unknown fields are "" and 0."""

    id: str  # what to send as `model`
    name: str = ""  # for people
    context_window: int = 0  # tokens of question, history and reply together
    max_output: int = 0  # longest reply in tokens
    plan: str = ""  # the plan it needs


BUILTIN: dict[str, ModelInfo] = {
    model.id: model
    for model in (
        ModelInfo("mira", "Mira", 32_768, 4_096, "free"),
        ModelInfo("mira-thinking", "Mira Thinking", 32_768, 8_192),
        ModelInfo("mira-pro", "Mira Pro", 65_536, 8_192, "pro"),
        ModelInfo("mira-max", "Mira Max", 131_072, 16_384, "max"),
    )
}


def builtin(model_id: str) -> ModelInfo:
    """A model from the built-in table; an unknown one gets the smallest limits."""
    known = BUILTIN.get(model_id)
    return known or BUILTIN["mira"]._replace(id=model_id, name="", plan="")


def fetch(get: Callable[..., Answer]) -> tuple[list[ModelInfo], str]:
    """The models as `{base}/models` lists them, else `{origin}/api/v1/models`, else the built-in table.

    `get` is `Client.get`. Also returns where they came from: the path, or "built-in".

    Raises:
        NetworkError: The server cannot be reached.
    """
    for path, at_origin in (("/models", False), ("/api/v1/models", True)):
        answer = get(path, at_origin=at_origin)
        models = {model.id: model for model in _read(answer.value)} if answer.status == _OK else {}
        if models:
            return list(models.values()), path
    return list(BUILTIN.values()), "built-in"


def _read(value: Any) -> Iterator[ModelInfo]:
    """Both shapes: `{"data": […]}` of the newest documentation, `{"models": […]}` at the origin.

    Missing fields come from the table.
    """
    listed = value.get("data") or value.get("models") if isinstance(value, dict) else None
    for facts in listed if isinstance(listed, list) else ():
        identity = _text(facts.get("id")) if isinstance(facts, dict) else ""
        if not identity:
            continue
        known = BUILTIN.get(identity, ModelInfo(identity))
        yield ModelInfo(
            id=identity,
            name=_text(facts.get("name")) or known.name,
            context_window=_size(facts.get("context_window")) or known.context_window,
            max_output=_size(facts.get("max_output_tokens")) or known.max_output,
            plan=_text(facts.get("requires_plan")) or known.plan,
        )


def _text(value: object) -> str:
    return redact(value) if isinstance(value, str) else ""


def _size(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
