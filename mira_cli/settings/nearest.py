"""What somebody probably meant by a word that is not known."""

from __future__ import annotations

_SHORTEST = 3  # letters that begin a word rather than stand for many


def nearest(word: str, known: tuple[str, ...]) -> str:
    """The known word that `word` begins or looks like, "" if there is none."""
    word = word.lower()
    begun = [each for each in known if each.startswith(word)]
    if len(begun) == 1 and len(word.lstrip("-")) >= _SHORTEST:
        return begun[0]
    from difflib import get_close_matches

    matches = get_close_matches(word, known, n=1)
    return matches[0] if matches else ""
