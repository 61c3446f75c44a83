"""The models of a chat: those that the server lists, asked for once, never waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.api.catalog import BUILTIN, builtin
from mira_cli.background import SideThread
from mira_cli.errors import MiraError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mira_cli.api.catalog import Catalog, ModelInfo


class ModelList:
    """Answers from the built-in table until the server has answered.

    Args:
        fetch: Asks the server; called in a thread of its own, at most once with success.
    """

    def __init__(self, fetch: Callable[[], Catalog]) -> None:
        self._fetch = fetch
        self._known = BUILTIN
        self._asking: SideThread | None = None
        self.listed = False

    def names(self) -> tuple[str, ...]:
        """The ids known so far. The first call asks the server meanwhile."""
        if self._asking is None:
            self._asking = SideThread(self._ask)
            self._asking.start()
        return tuple(self._known)

    def find(self, model_id: str) -> ModelInfo:
        """What is known of a model."""
        return self._known.get(model_id) or builtin(model_id)

    def _ask(self) -> None:
        try:
            catalog = self._fetch()
        except MiraError:
            self._asking = None  # the next TAB tries again
            return
        self._known = {model.id: model for model in catalog.models}
        self.listed = True
