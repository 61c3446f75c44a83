"""The models that the simulator offers, and the two shapes in which the API lists them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Model:
    """One model; window and maximum reply length are in tokens, `plan` is "" when none is needed."""

    id: str
    name: str
    description: str
    context_window: int
    max_output: int
    plan: str = ""


MODELS = (
    Model("mira", "Mira", "Simulated: the everyday model.", 32768, 4096),
    Model("mira-thinking", "Mira Thinking", "Simulated: thinks before it answers.", 32768, 8192),
    Model("mira-pro", "Mira Pro", "Simulated: for longer work.", 65536, 8192, "pro"),
    Model("mira-max", "Mira Max", "Simulated: the largest.", 131072, 16384, "max"),
)
MODEL_IDS = frozenset(model.id for model in MODELS)

_CREATED = 1711000000  # a fixed moment (Unix seconds), so that listings never differ


def openai_listing() -> dict[str, object]:
    """The body of `GET /v1/models`."""
    rows = [{"id": m.id, "object": "model", "created": _CREATED, "owned_by": "vmira"} for m in MODELS]
    return {"object": "list", "data": rows}


def origin_listing() -> dict[str, object]:
    """The body of `GET /api/v1/models`, with windows and plans."""
    return {"default": MODELS[0].id, "models": [_row(model) for model in MODELS]}


def _row(model: Model) -> dict[str, object]:
    row: dict[str, object] = {
        "id": model.id,
        "name": model.name,
        "description": model.description,
        "context_window": model.context_window,
        "max_output_tokens": model.max_output,
    }
    if model.plan:
        row["requires_plan"] = model.plan
    return row


def quota() -> dict[str, object]:
    """The body of `GET /v1/quota`: plenty left."""
    return {"status": "allowed", "utilization": 0.0, "resets_at": _CREATED + 86400, "plan": "free"}
