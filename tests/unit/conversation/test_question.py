"""Words, standard input and files as one question."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from mira_cli.conversation.question import compose, own_words

BLOCK = "Standard input:\n```\ntext\n```"


@pytest.mark.parametrize(
    ("words", "piped", "question"),
    [
        (["why", "is  the", "sky", "blue?"], "", "why is  the sky blue?"),
        (["review"], "text\n", f"{BLOCK}\n\nreview"),
        (["review"], "text", f"{BLOCK}\n\nreview"),
        (["review"], "", "review"),
        (["review"], " \n", "review"),
        ([], "What is this?\n", "What is this?"),
        ([""], "What is this?\n", "What is this?"),
        (["-"], "  indented\n\n", "  indented"),
        (["compare", "-", "with", "that"], "text\n", f"compare\n\n{BLOCK}\n\nwith that"),
        (["-", "what", "is", "it?"], "text\n", f"{BLOCK}\n\nwhat is it?"),
        (["what", "is", "-"], "text\n", f"what is\n\n{BLOCK}"),
        (["what", "is", "-", "this"], "", "what is this"),
        (["-"], "", ""),
        ([], "", ""),
        (["5", "-x", "--", "3"], "", "5 -x -- 3"),
    ],
)
def test_composes(words, piped, question):
    assert compose(words, piped) == question


def test_files_come_first_by_name():
    question = compose(["compare"], "c", [("a.txt", "a\n"), ("dir/б.txt", "")])
    assert question == (
        "File a.txt:\n```\na\n```\n\nFile dir/б.txt:\n```\n```\n\nStandard input:\n```\nc\n```\n\ncompare"
    )


def test_files_alone_and_piped_question_to_files():
    assert compose([], "", [("a", "x")]) == "File a:\n```\nx\n```"
    assert compose([], "explain\n", [("a", "x")]) == "File a:\n```\nx\n```\n\nexplain"


def test_standard_input_as_a_file():
    assert compose(["review"], files=[("-", "text")]) == f"{BLOCK}\n\nreview"


def test_a_name_stays_on_its_line():
    question = compose(["q"], files=[("a\nb\u202e\udc80\x1b`.txt", "x")])
    assert question.startswith("File a\\nb\\u202e\\udc80\\x1b`.txt:\n```\n")


@given(st.text("`~ab \n\t", max_size=60))
@settings(max_examples=300, deadline=None)
def test_a_document_cannot_close_its_own_block(text):
    question = compose(["the question"], files=[("doc", text)])
    kinds = [(token.type, token.level) for token in MarkdownIt().parse(question)]
    assert [kind for kind, level in kinds if level == 0] == [
        "paragraph_open",
        "paragraph_close",
        "fence",
        "paragraph_open",
        "paragraph_close",
    ]
    fence = next(token for token in MarkdownIt().parse(question) if token.type == "fence")
    assert fence.content == (text if not text or text.endswith("\n") else text + "\n")


FILE_TEXTS = st.text("`\n ab:File", max_size=30)


@given(st.lists(FILE_TEXTS, max_size=3), FILE_TEXTS, st.text("`ab\n:", min_size=1).filter(str.strip))
@settings(max_examples=300, deadline=None)
def test_the_own_words_stand_behind_all_blocks(files, piped, words):
    question = compose([words], piped, [(f"f{at}:", text) for at, text in enumerate(files)])
    assert own_words(question) == words.strip()


@pytest.mark.parametrize(
    "question", ["why?", "File a:\nwhat is it?", BLOCK, f"compare\n\n{BLOCK}\n\nwith that"]
)
def test_without_words_behind_a_block_all_of_a_question_is_its_own(question):
    assert own_words(question) == question
