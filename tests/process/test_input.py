"""Every name of standard input is read once, whatever it is."""

from __future__ import annotations

import os
import subprocess

import pytest

NAMES = ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0", "/dev//fd/0"]


@pytest.fixture(params=["file", "pipe"])
def standard_input(request, tmp_path):
    """Opens standard input with some text in it."""
    opened = []

    def give(text):
        if request.param == "file":
            path = tmp_path / "input"
            path.write_text(text)
            opened.append(os.open(path, os.O_RDONLY))
        else:
            reading, writing = os.pipe()
            os.write(writing, text.encode())
            os.close(writing)
            opened.append(reading)
        return opened[-1]

    yield give
    for descriptor in opened:
        os.close(descriptor)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_is_standard_input(start, simulator, standard_input, name):
    process = start("ask", "-f", name, "explain", stdin=standard_input("the text\n"))
    _, err = process.communicate()
    assert (process.returncode, err) == (0, b"")
    assert simulator.requests[-1].body["messages"][-1]["content"] == (
        "Standard input:\n```\nthe text\n```\n\nexplain"
    )


@pytest.mark.parametrize("name", NAMES)
def test_rows_from_standard_input(start, simulator, standard_input, name):
    process = start("batch", "--lines", name, stdin=standard_input("one\ntwo\n"))
    process.communicate()
    assert process.returncode == 0
    asked = sorted(request.body["messages"][-1]["content"] for request in simulator.requests)
    assert asked == ["one", "two"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--no-stdin", "x"), b"--no-stdin was given"),
        (("-f", "-", "x"), b"can be read only once"),
        (("-", "x"), b"can be read only once"),
    ],
)
def test_standard_input_can_be_named_once(start, simulator, name, words, told):
    process = start("ask", "-f", name, *words, stdin=subprocess.PIPE)
    _, err = process.communicate(b"text")
    assert process.returncode == 2
    assert told in err
    assert simulator.requests == []
