"""File names as they are typed or dropped on a terminal, and a conversation saved as a Markdown document."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from mira_cli.conversation.file_format import StoredConversation
from mira_cli.conversation.message import StoredTurn
from mira_cli.session.chat.chat_files import as_markdown, as_path, is_dropped


def test_headings_name_who_speaks():
    stored = StoredConversation(
        "Be brief.",
        (StoredTurn.of("Hi\n", "\nHello"), StoredTurn.of("Bye", "So lo", cut=True)),
        "mira-pro",
        "And?",
    )
    assert as_markdown(stored) == (
        "# Conversation with mira-pro\n\n## System\n\nBe brief.\n\n## You\n\nHi\n\n## Mira\n\nHello\n\n"
        "## You\n\nBye\n\n## Mira\n\nSo lo\n\n*(The reply was cut off here.)*\n\n## You\n\nAnd?\n"
    )


def test_a_chat_without_a_turn_is_a_heading_alone():
    assert as_markdown(StoredConversation()) == "# Conversation with Mira\n"


@given(st.lists(st.text("`~ab<!?> \n", max_size=30), min_size=2, max_size=4))
@settings(max_examples=300, deadline=None)
def test_what_is_open_swallows_no_heading(texts):
    turns = tuple(StoredTurn.of(text, text) for text in texts)
    headings = [
        token
        for token in MarkdownIt().parse(as_markdown(StoredConversation(turns=turns)))
        if token.type == "heading_open"
    ]
    assert len(headings) == 1 + 2 * len(turns)


@pytest.mark.parametrize(
    ("reply", "closed"),
    [
        ("```py\ncode", "```py\ncode\n```"),
        ("~~~~\n~~~\ncode", "~~~~\n~~~\ncode\n~~~~"),
        ("```py\ncode\n```", "```py\ncode\n```"),
        ("```\ncode\n  ````  ", "```\ncode\n  ````  "),
        ("```\ncode\u2028```", "```\ncode\u2028```\n```"),
        ("```\ncode\x0c```\nmore", "```\ncode\x0c```\nmore\n```"),
        ("text\u2028```\u2028code", "text\u2028```\u2028code"),
        ("- ```\n  code", "- ```\n  code"),
        ("- ```\n  code\n  ```", "- ```\n  code\n  ```"),
        ("> ~~~\n> code", "> ~~~\n> code"),
        ("    ```\n    code", "    ```\n    code"),
        ("``` a`b\ncode", "``` a`b\ncode"),
        ("```\r\ncode\r\n```", "```\r\ncode\r\n```"),
        ("text\n<!-- open", "text\n<!-- open\n-->"),
        ("<!-- a -->\n\n<!--\n\nopen", "<!-- a -->\n\n<!--\n\nopen\n-->"),
        ("<!-- closed -->", "<!-- closed -->"),
        ("<pre>\n\nopen", "<pre>\n\nopen\n</pre>"),
        ("<?php\necho 1;", "<?php\necho 1;\n?>"),
        ("<!DOCTYPE html", "<!DOCTYPE html\n>"),
        ("<![CDATA[ open", "<![CDATA[ open\n]]>"),
        ("<div>\nopen", "<div>\nopen"),
    ],
)
def test_only_what_is_open_at_the_end_is_closed(reply, closed):
    stored = StoredConversation(turns=(StoredTurn.of("Hi", reply),))
    assert as_markdown(stored).split("## Mira\n\n")[1] == f"{closed}\n"


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        ("notes.txt", "notes.txt"),
        ("my notes.txt", "my notes.txt"),
        (r"my\ notes.txt", "my notes.txt"),
        ("'my notes.txt'", "my notes.txt"),
        ('"my notes.txt"', "my notes.txt"),
        ("'it'\\''s.txt'", "it's.txt"),
        ("it's.txt", "it's.txt"),
        (r"/tmp/sp\ dir/a\ \(b\).txt", "/tmp/sp dir/a (b).txt"),
        ("file:///tmp/a%20b.txt", "/tmp/a b.txt"),
        ("file://localhost/tmp/%D0%B6.txt", "/tmp/ж.txt"),
        ("FILE:///tmp/a'b.txt", "/tmp/a'b.txt"),
        ("~/a b.txt", "{home}/a b.txt"),
        (r"~/a\ b.txt", "{home}/a b.txt"),
        ("'~/a b.txt'", "{home}/a b.txt"),
        ("  -  ", "-"),
        ("", ""),
    ],
)
def test_what_is_typed_or_dropped_becomes_a_path(typed, path, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert as_path(typed) == path.format(home=tmp_path)


@pytest.mark.parametrize("name", ["'quoted'", r"back\slash", r"with\ both and space", "file:"])
def test_a_file_that_is_there_is_meant_as_it_stands(name, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text("x")
    assert as_path(name) == name


def test_lines_that_are_dropped_files(tmp_path):
    for name in ("a b.txt", "c.txt"):
        (tmp_path / name).write_text("x")
    there = f"{tmp_path}/a b.txt"
    escaped = there.replace(" ", "\\ ")
    for line in (
        there,
        escaped,
        f"'{there}' ",
        f'"{there}"',
        f"file://{there}",
        f"{escaped} {tmp_path}/c.txt",
    ):
        assert is_dropped(line), line
    for line in (
        "c.txt",
        f"{there} and",
        f"/{tmp_path}/c.txt",
        f"{tmp_path}",
        f"{tmp_path}/none",
        f"{tmp_path}/c.txt\nwhat?",
        "'",
        "",
    ):
        assert not is_dropped(line), line
