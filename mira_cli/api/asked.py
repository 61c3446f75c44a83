"""What was asked, as far as a failure may speak of it."""

from __future__ import annotations

from typing import NamedTuple


class Asked(NamedTuple):
    """A request, for the words of its failure.

    Attributes:
        base_url: Where.
        key: The key, so that it can be taken out of what the server says.
        key_label: How to name the key: "key sk-mira-1a2b3c4d… from MIRA_API_KEY".
        key_hint: How to set another.
        model: The model.
        size: Bytes of the body.
        texts: The messages, so that a server that repeats them is not quoted.
    """

    base_url: str
    key: str = ""
    key_label: str = ""
    key_hint: str = ""
    model: str = ""
    size: int = 0
    texts: tuple[str, ...] = ()
