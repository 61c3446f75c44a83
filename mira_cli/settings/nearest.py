"""What somebody probably meant by a word that is not known."""

from __future__ import annotations


def nearest(word: str, known: tuple[str, ...]) -> str:
    """The known word that `word` looks like, "" if none does."""
    from difflib import get_close_matches  # noqa: PLC0415 - only a typo needs it

    matches = get_close_matches(word.lower(), known, n=1)
    return matches[0] if matches else ""
