"""Skips Typer's pydantic adapters: option values stay text, since the settings table checks them."""

from typing import Any


class _AsTyped:
    """Replaces the adapter that Typer builds for each parameter; building them takes about 140 ms a run."""

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """The value unchanged; `()` for a repeatable one that was not given."""
        return tuple(value or ()) if param.multiple or param.nargs == -1 else value


_AS_TYPED = _AsTyped()


def keep_text(params: list[Any]) -> list[Any]:
    """The parameters without value conversion. If Typer renames the attribute, it is only slower."""
    for param in params:
        param.get_runtime_param = lambda: _AS_TYPED
    return params
