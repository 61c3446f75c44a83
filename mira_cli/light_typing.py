"""The names of `typing` that this package uses, without the module itself.

To load `typing` took a tenth of the way of `mira ask` to the wire, and its NamedTuple compiles the annotation
of each field. A type checker sees the real names here; at run time no annotation is evaluated, so all but the
bases of classes may be nothing at all. What needs more than a name (Typer reads annotations, Generic is
subscripted) imports `typing`.
"""

from __future__ import annotations

__all__ = [
    "TYPE_CHECKING",
    "Any",
    "BinaryIO",
    "Final",
    "Literal",
    "NamedTuple",
    "NoReturn",
    "Protocol",
    "Self",
    "TextIO",
    "TypeAlias",
]

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import (  # noqa: TID251 - the one place
        Any,
        BinaryIO,
        Final,
        Literal,
        NamedTuple,
        NoReturn,
        Protocol,
        Self,
        TextIO,
        TypeAlias,
    )
else:
    from collections import namedtuple

    Any = BinaryIO = Final = Literal = NoReturn = Self = TextIO = TypeAlias = None

    class Protocol:
        """A base that brings nothing."""

        __slots__ = ()

    class _FromAnnotations(type):
        """Makes of a class body what `collections.namedtuple` returns, with the methods of the body.

        That fields with defaults come last is left to the type checker.
        """

        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, object]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = body.pop("__annotations__", {})
            defaults = [body.pop(field) for field in fields if field in body]
            made = namedtuple(name, fields, defaults=defaults, module=body.pop("__module__"))  # noqa: PYI024 - this is the other one
            for key, value in body.items():
                setattr(made, key, value)
            return made

    class NamedTuple(metaclass=_FromAnnotations):
        """A base as that of `typing`."""
