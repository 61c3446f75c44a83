"""The rows that `mira batch` writes, and the questions that it sent."""

from __future__ import annotations

import json

FAST = ("--per-minute", "0")


def parsed(text):
    assert text.isascii()
    assert not text or text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def ids(text):
    return [row["id"] for row in parsed(text)]


def questions(simulator):
    return sorted(request.question for request in simulator.requests)
