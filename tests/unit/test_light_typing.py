"""NamedTuple without typing, beside that of typing."""

import copy
import pickle
import typing

import pytest

from mira_cli import light_typing

BODY = '''
from __future__ import annotations
class Row(NamedTuple):
    """A row."""
    name: str
    sizes: tuple[int, ...] = ()
    note: str | None = None

    @property
    def shout(self) -> str:
        return self.name.upper()

    def grown(self, by: int) -> Row:
        return self._replace(sizes=(*self.sizes, by))

    @classmethod
    def of(cls, text: str) -> Row:
        return cls(*text.split(":"))
'''


def row_of(module):
    names = {"NamedTuple": module.NamedTuple, "__name__": __name__}
    exec(BODY, names)
    return names["Row"]


@pytest.fixture(params=[light_typing, typing], ids=["ours", "theirs"])
def row(request, monkeypatch):
    kind = row_of(request.param)
    monkeypatch.setitem(globals(), "Row", kind)  # as pickle looks it up
    return kind


def test_fields_and_defaults(row):
    assert row._fields == ("name", "sizes", "note")
    assert row._field_defaults == {"sizes": (), "note": None}
    assert row("a") == ("a", (), None)
    assert repr(row(name="a", note="b")) == "Row(name='a', sizes=(), note='b')"


def test_what_the_body_defines(row):
    assert row("a").shout == "A"
    assert row("a").grown(2) == row("a", (2,))
    assert row.of("a:b") == row("a", "b")
    assert row.__doc__ == "A row."
    assert row.__module__ == __name__


def test_a_row_is_a_tuple_that_cannot_be_changed(row):
    first = row("a")
    assert isinstance(first, tuple)
    assert not hasattr(first, "__dict__")
    with pytest.raises(AttributeError):
        first.name = "b"
    assert copy.copy(first) == first
    assert pickle.loads(pickle.dumps(first)) == first


def test_too_few_and_unknown_names_are_refused(row):
    with pytest.raises(TypeError, match="name"):
        row()
    with pytest.raises(TypeError, match="colour"):
        row("a", colour=1)


def test_every_name_is_one_of_typing():
    assert all(hasattr(typing, name) for name in light_typing.__all__)
    assert light_typing.TYPE_CHECKING is False
