"""Errors that come as content: a whole delta, or a whole answer in brackets."""

from __future__ import annotations

import pytest

from mira_cli.api.error_text import BracketGuard, is_error_delta


@pytest.mark.parametrize("text", ["Ошибка: x", "Ошибка безопасности: y", "Ошибка: "])
def test_a_delta_that_begins_so_is_an_error(text):
    assert is_error_delta(text)


@pytest.mark.parametrize(
    "text", ["Это Ошибка: x", "Ошибка", "Ошибка:", " Ошибка: x", "ошибка: x", "Ошибки: x"]
)
def test_any_other_is_text(text):
    assert not is_error_delta(text)


def guard(*texts):
    bracket = BracketGuard()
    shown = "".join(bracket.feed(text) for text in texts)
    error = bracket.error
    return shown + ("" if error else bracket.release()), error


@pytest.mark.parametrize(
    "sentence",
    ["Модель недоступна. Попробуйте позже.", "Сервис временно недоступен", "Превышен лимит", "Ждите…"],
)
def test_one_bracketed_russian_sentence_is_an_error(sentence):
    assert guard(f"[{sentence}]") == ("", sentence)
    assert guard(*f" [{sentence}]\n") == ("", sentence)


@pytest.mark.parametrize(
    "answer",
    [
        "[Москва]",
        "[Иван Петров]",
        "[Смотри.](https://example.com)",
        "[Модель недоступна.] Но это лишь пример.",
        "[1, 2]",
        '["Модель недоступна."]',
        "[The model is not available.]",
        "Ответ: [Модель недоступна.]",
        "[Модель\nнедоступна.]",
        "\n\nДа.",
        "   ",
        "",
    ],
)
def test_any_other_answer_is_text(answer):
    assert guard(answer) == (answer, "")
    assert guard(*answer) == (answer, "")


def test_an_answer_is_held_back_only_while_it_may_be_one():
    bracket = BracketGuard()
    assert bracket.feed("[Модель") == ""
    assert bracket.feed(" A]") == ""
    assert bracket.feed(" и") == "[Модель A] и"
    assert bracket.feed(" так") == " так"
