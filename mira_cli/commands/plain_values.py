"""Spares Typer's pydantic adapters: the values of options stay text, since the settings table checks them."""

from typing import Any


class _AsTyped:
    """In the place of what Typer builds for each parameter of each call, which takes about 140 ms."""

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """The value unchanged; `()` for a repeatable one that was not given."""
        return tuple(value or ()) if param.multiple or param.nargs == -1 else value


_AS_TYPED = _AsTyped()


def keep_text(params: list[Any]) -> list[Any]:
    """The parameters, with nothing that converts their values; a Typer that asks for it is only slower."""
    for param in params:
        param.get_runtime_param = lambda: _AS_TYPED
    return params
