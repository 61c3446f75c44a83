"""The models: ask the server, else the built-in table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model.

    Attributes:
        id: What to send as `model`.
        name: For people, "" if unknown.
        context_window: Tokens of question, history and reply together, 0 if unknown.
        max_output: Longest reply in tokens, 0 if unknown.
        plan: The plan it needs, "" if unknown.
    """

    id: str
    name: str = ""
    context_window: int = 0
    max_output: int = 0
    plan: str = ""


BUILTIN: dict[str, ModelInfo] = {
    model.id: model
    for model in (
        ModelInfo("mira", "Mira", 32_768, 4_096, "free"),
        ModelInfo("mira-thinking", "Mira Thinking", 32_768, 8_192),
        ModelInfo("mira-pro", "Mira Pro", 65_536, 8_192, "pro"),
        ModelInfo("mira-max", "Mira Max", 131_072, 16_384, "max"),
    )
}


@dataclass(frozen=True, slots=True)
class Catalog:
    """The models and who named them: the path asked, or "built-in"."""

    models: tuple[ModelInfo, ...]
    source: str


class Getter(Protocol):
    """What the catalog needs of a client."""

    def get(self, path: str, *, at_origin: bool = False) -> tuple[int, Any]:
        """Status and JSON value of a GET, the value None if the body is no JSON."""
        ...


def builtin(model_id: str) -> ModelInfo:
    """What is known of a model without asking; one that is not known is taken to be as small as they come."""
    known = BUILTIN.get(model_id)
    return known or replace(BUILTIN["mira"], id=model_id, name="", plan="")


def fetch(client: Getter) -> Catalog:
    """The models as `{base}/models` lists them, else `{origin}/api/v1/models`, else the built-in table.

    Raises:
        NetworkError: The server cannot be reached.
    """
    for path, at_origin in (("/models", False), ("/api/v1/models", True)):
        status, value = client.get(path, at_origin=at_origin)
        models = tuple(_read(value)) if status == 200 else ()  # noqa: PLR2004 - OK
        if models:
            return Catalog(models, path)
    return Catalog(tuple(BUILTIN.values()), "built-in")


def _read(value: Any) -> Iterable[ModelInfo]:
    """Both shapes: `{"data": […]}` of the newest documentation, `{"models": […]}` at the origin."""
    listed = value.get("data") or value.get("models") if isinstance(value, dict) else value
    seen = set()
    for item in listed if isinstance(listed, list) else ():
        if isinstance(item, str):
            item = {"id": item}  # noqa: PLW2901 - a list of bare names
        if not isinstance(item, dict) or not isinstance(item.get("id"), str) or not item["id"]:
            continue
        if item["id"] not in seen:
            seen.add(item["id"])
            yield _merged(item)


def _merged(item: dict[str, Any]) -> ModelInfo:
    """What the server says of a model; what it leaves out comes from the table."""
    known = BUILTIN.get(item["id"], ModelInfo(item["id"]))
    return ModelInfo(
        id=item["id"],
        name=_text(item.get("name")) or known.name,
        context_window=_size(item.get("context_window")) or known.context_window,
        max_output=_size(item.get("max_output_tokens")) or known.max_output,
        plan=_text(item.get("requires_plan")) or known.plan,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _size(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
