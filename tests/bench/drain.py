"""Reads a pipe or a terminal empty, in a process of its own, and says when given words have come.

    python drain.py DESCRIPTOR [WORD …]

Prints `ready`, then `seen NUMBER SECONDS` (the system's monotonic clock) when the first, second … word has
come, each looked for after the one before, and `end BYTES` when there is no more to come.
"""

from __future__ import annotations

import os
import sys
import time


def main(descriptor: int, words: list[bytes]) -> None:
    """Drain the descriptor."""
    total, number, tail = 0, 0, b""
    print("ready", flush=True)
    while True:
        try:
            data = os.read(descriptor, 1 << 16)
        except OSError:  # a terminal whose last user has left
            break
        if not data:
            break
        now = time.monotonic()
        total += len(data)
        while number < len(words):
            tail += data
            _, found, rest = tail.partition(words[number])
            if not found:
                tail = tail[-len(words[number]) :]
                break
            print("seen", number, now, flush=True)
            number, tail, data = number + 1, b"", rest
    print("end", total, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), [word.encode() for word in sys.argv[2:]])
