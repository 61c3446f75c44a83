"""What a typed line is: a command, or a message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mira_cli.errors import UsageError
from mira_cli.session.chat.commands import ALIASES, COMMANDS, as_message, find_command, help_of

NAMES = [*COMMANDS, *ALIASES]


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_found_whatever_its_case_and_what_stands_around_it(name):
    for line in (name, name.upper(), f"  {name}\t"):
        assert find_command(line) == (ALIASES.get(name, name), "")


@pytest.mark.parametrize(
    "line",
    [
        "hello", "", " ", "/etc/hosts is what?", "/home/me", "//help", "//", "/* a comment */", "/ 2", "/+1",
        "/model.py is a file", "/5.5", "exit now", "quitting", "a /help", "/help!", "/привет-мир/да",
    ],
)  # fmt: skip
def test_a_line_that_is_no_command_is_a_message(line):
    assert find_command(line) is None


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("/rtery", "Unknown command /rtery. Did you mean /retry?"),
        ("/modle mira", "Unknown command /modle. Did you mean /model?"),
        ("/EXTI", "Unknown command /EXTI. Did you mean /exit?"),
        ("/xyzzy", "Unknown command /xyzzy. See /help."),
        ("/куекн", "Unknown command /куекн. See /help."),
        ("/", "Unknown command /. See /help."),
        ("/theme light", "Unknown command /theme. Did you mean /set theme light?"),
        ("/Max-Tokens", "Unknown command /Max-Tokens. Did you mean /set max-tokens?"),
        ("/key", "Unknown command /key. Did you mean /set key?"),
        ("/base_url x", "Unknown command /base_url. See /help."),
        ("/clear the table", "/clear takes no argument."),
        ("/retry\nplease", "/retry takes no argument."),
    ],
)
def test_what_looks_like_a_command_is_never_sent(line, told):
    with pytest.raises(UsageError) as caught:
        find_command(line)
    assert caught.value.message == told


def test_what_follows_may_have_several_lines():
    assert find_command("/system  You are brief.\n\nAnd kind. ") == ("/system", "You are brief.\n\nAnd kind.")


@pytest.mark.parametrize("line", ["exit", "quit", "EXIT", " quit\n"])
def test_bare_words_that_leave(line):
    assert find_command(line) == ("/exit", "")


@given(st.text())
def test_a_slash_twice_is_always_a_message_with_one(text):
    line = f"//{text}"
    assert find_command(line) is None
    assert as_message(line) == f"/{text}"


@given(st.text().filter(lambda text: not text.strip().startswith("/")))
def test_a_message_is_sent_as_it_is(text):
    assert as_message(text) == text
    found = find_command(text)
    assert found is None or text.strip().casefold() in {"exit", "quit"}


@given(st.from_regex(r"/\w[\w-]*( .*)?", fullmatch=True))
def test_one_word_after_a_slash_is_a_command_or_an_error(line):
    try:
        found = find_command(line)
    except UsageError as refused:
        told = refused.message
    else:
        told = found and found[0]
    assert told in NAMES or "Unknown command" in told or "takes no argument" in told


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_in_one_line_what_it_does(name):
    assert help_of(name).endswith(".")
