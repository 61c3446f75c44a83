"""The JSON of a reply as chunks: every field, every gap, every split."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mira_cli.api.decode import Decoder
from mira_cli.api.sse import DONE
from mira_cli.conversation.reply import ReplyBuilder, Usage


def delta(content=None, finish=None, **fields):
    inner = {} if content is None else {"content": content}
    return {"choices": [{"index": 0, "delta": inner | fields, "finish_reason": finish}]}


def decode(*events, at_once=True):
    decoder, builder = Decoder(), ReplyBuilder()
    events = [event if isinstance(event, tuple) else (event, "") for event in events]
    events = [(data if isinstance(data, str) else json.dumps(data), name) for data, name in events]
    chunks = decoder.feed(events) if at_once else [c for event in events for c in decoder.feed([event])]
    for chunk in [*chunks, *decoder.finish()]:
        builder.add(chunk)
    return decoder, builder


def text_of(*events):
    return decode(*events)[1].text


def test_a_reply_as_documented():
    decoder, reply = decode(
        {"id": "chatcmpl-1", "model": "mira"} | delta("", role="assistant"),
        delta("Hel"),
        delta("lo"),
        delta(finish="stop"),
        DONE,
    )
    assert (reply.text, reply.finish_reason, reply.id, reply.model) == ("Hello", "stop", "chatcmpl-1", "mira")
    assert decoder.complete


def test_text_that_came_together_is_one_chunk():
    decoder = Decoder()
    first = decoder.feed([(json.dumps(delta(word)), "") for word in ("a ", "b ", "c")])
    assert [chunk.text for chunk in first] == ["a b c"]


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"choices": None},
        {"choices": []},
        {"choices": {}},
        {"choices": [None]},
        {"choices": [{"delta": None}]},
        {"choices": [{"delta": []}]},
        {"choices": [{}]},
        delta(None, role="assistant"),
        delta(7),
        delta({"text": "x"}),
        {"choices": [{"index": 1, "delta": {"content": "other"}}]},
        {"error": None, "choices": []},
        {"usage": None},
        {"usage": {"prompt_tokens": None, "completion_tokens": 0}},
        {"unknown": [1, {"x": None}]},
        delta("", finish=7),
    ],
)
def test_what_says_nothing_is_tolerated(event):
    decoder, reply = decode(delta("a"), event, delta("b", "stop"))
    assert reply.text == "ab"
    assert (decoder.failure, decoder.unreadable, reply.usage) == (None, 0, None)


def test_content_in_parts_and_whole_messages_in_a_stream():
    assert text_of(delta([{"type": "text", "text": "a"}, {"type": ["?"]}, {"text": "b"}, None, "c"])) == "abc"
    assert text_of({"choices": [{"message": {"content": "x"}}]}) == "x"


def test_the_first_choice_alone_counts():
    event = {
        "choices": [delta("a")["choices"][0], {"index": 1, "delta": {"content": "b"}, "finish_reason": "x"}]
    }
    assert decode(event, delta(finish="stop"))[1].finish_reason == "stop"
    assert text_of(event) == "a"


def test_the_only_choice_counts_whatever_its_index():
    def choice(index, content, finish=None):
        return {"choices": [{"index": index, "delta": {"content": content}, "finish_reason": finish}]}

    decoder, reply = decode(choice(1, "a"), choice(1, "b", "stop"))
    assert (reply.text, reply.finish_reason, decoder.complete) == ("ab", "stop", True)
    whole = {"choices": [{"index": 3, "message": {"content": "c"}}]}
    assert text_of(whole) == "c"
    assert text_of(choice(1, ""), choice(0, "a"), choice(1, "other"), choice(0, "b")) == "ab"
    assert text_of({"choices": [{"message": {"content": "a"}}, {"message": {"content": "other"}}]}) == "a"


def test_the_first_finish_reason_counts():
    assert decode(delta("a", "length"), delta(finish="stop"))[1].finish_reason == "length"


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}, Usage(3, 4, 7)),
        ({"prompt_tokens": 3, "completion_tokens": 4}, Usage(3, 4, 7)),
        ({"prompt_tokens": 3, "total_tokens": 7}, Usage(3, 4, 7)),
        ({"completion_tokens": 4.0, "total_tokens": 7}, Usage(3, 4, 7)),
        ({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}, None),
        ({"prompt_tokens": 3, "completion_tokens": 0}, Usage(3, 0, 0)),
        ({"completion_tokens": 4, "prompt_tokens": None}, Usage(0, 4, 0)),
        ({"total_tokens": 7}, Usage(0, 0, 7)),
        ({"prompt_tokens": True, "completion_tokens": "4"}, None),
        ({"prompt_tokens": -3, "completion_tokens": 1e300}, None),
        ([], None),
        ("many", None),
    ],
)
def test_usage_is_what_was_reported(usage, expected):
    assert decode(delta("a"), {"choices": [], "usage": usage})[1].usage == expected


def test_usage_that_comes_in_two_halves_is_whole():
    halves = ({"prompt_tokens": 3}, {"completion_tokens": 4})
    reply = decode(delta("a"), *({"choices": [], "usage": half} for half in halves))[1]
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (3, 4)


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning", "thinking_content", "thinking"])
def test_reasoning_is_not_text(field):
    _, reply = decode(delta(**{field: "hm"}), delta("a", **{field: ""}), delta("b", **{field: " so"}))
    assert (reply.text, reply.reasoning) == ("ab", "hm so")


def test_order_of_reasoning_and_text_is_kept():
    chunks = Decoder().feed(
        [(json.dumps(event), "") for event in (delta(reasoning="r1"), delta("t1"), delta(reasoning="r2"))]
    )
    assert [(chunk.reasoning, chunk.text) for chunk in chunks] == [("r1", "t1"), ("r2", "")]


def test_a_think_block_is_reasoning():
    _, reply = decode(delta("<thi"), delta("nk>hm</think>"), delta("\n\nYes"), delta(finish="stop"))
    assert (reply.text, reply.reasoning) == ("Yes", "hm")


def test_lone_surrogates_are_replaced_and_pairs_joined_over_deltas():
    assert text_of(delta("a\ud83d"), delta("\ude00b")) == "a😀b"
    assert text_of(delta("a\ud83d"), delta("b")) == "a\ufffdb"
    assert text_of(delta("\ud83d"), delta("\ude00")) == "😀"
    assert text_of(delta("\ude00")) == "\ufffd"
    assert text_of(delta("a\ud83d")) == "a\ufffd"
    assert text_of(delta("a\ud83d"), delta("", "stop")) == "a\ufffd"
    assert decode(delta(reasoning="a\ud83d"), delta(reasoning="\ude00"))[1].reasoning == "a😀"
    assert decode(delta(reasoning="a\ud83d"))[1].reasoning == "a\ufffd"


@pytest.mark.parametrize(
    "event",
    [
        {"error": {"message": "full", "code": "queue_full"}},
        {"error": "full"},
        {"detail": "full"},
        {"object": "error", "message": "full"},
        ("full", "error"),
        ({"message": "full"}, "error"),
        ("null", "error"),
        delta("Ошибка: full"),
        delta("Ошибка безопасности: full"),
    ],
)
def test_a_failure_ends_it_and_is_not_text(event):
    decoder, reply = decode(delta("a"), event, delta("b", "stop"))
    assert decoder.failure is not None
    assert not decoder.complete
    assert reply.text == "a"


def test_an_error_as_the_whole_answer():
    decoder, reply = decode(
        delta("[Модель недоступна. "), delta("Попробуйте позже.]"), delta(finish="stop"), DONE
    )
    assert decoder.failure == "Модель недоступна. Попробуйте позже."
    assert reply.text == ""
    assert not decoder.has_text


def test_the_words_of_an_error_within_an_answer_are_text():
    assert text_of(delta("Напишите «Ошибка: нет файла»."), delta(" [Модель недоступна.]")).endswith(
        "недоступна.]"
    )


@pytest.mark.parametrize("data", ["{", "ping", "[1]", "7", "null", '"x"', "{}}", "[" * 100_000])
def test_an_unreadable_event_is_skipped_and_counted(data):
    decoder, reply = decode(delta("a"), data, delta("b"))
    assert (reply.text, decoder.unreadable) == ("ab", 1)


def test_white_space_round_json_is_no_matter():
    assert text_of("  " + json.dumps(delta("a")) + " ") == "a"


def test_nothing_counts_after_done():
    assert text_of(delta("a"), DONE, delta("b")) == "a"


def test_a_whole_reply():
    decoder = Decoder()
    value = {
        "id": "i",
        "model": "m",
        "choices": [{"message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
    }
    (chunk,) = decoder.take_whole(value)
    assert (chunk.text, chunk.finish_reason, chunk.usage, chunk.id) == ("Hi", "stop", Usage(1, 2, 3), "i")
    assert decoder.complete


contents = st.lists(st.text(st.characters(codec=None), max_size=6), max_size=8)


@settings(max_examples=200, deadline=None)
@given(contents)
def test_whatever_the_deltas_the_text_is_theirs(parts):
    expected = "".join(parts).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    for at_once in (True, False):
        _, reply = decode(*(delta(part) for part in parts), at_once=at_once)
        assert reply.text == expected


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["choices", "delta", "content", "error", "usage", "index", "finish_reason", "type", "text"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=400, deadline=None)
@given(st.lists(json_values, max_size=4))
def test_no_json_can_break_it(values):
    decoder, reply = decode(*values)
    assert isinstance(reply.text, str)
    assert decoder.has_text == bool(reply.text)


@pytest.mark.parametrize("text", ["Ошибка: x", "Ошибка безопасности: y", "Ошибка: "])
def test_a_delta_that_begins_so_is_an_error(text):
    assert decode(delta(text))[0].failure == text.strip()


@pytest.mark.parametrize(
    "text", ["Это Ошибка: x", "Ошибка", "Ошибка:", " Ошибка: x", "ошибка: x", "Ошибки: x"]
)
def test_any_other_is_text(text):
    assert text_of(delta(text)) == text


def outcome(*texts):
    decoder, reply = decode(*(delta(text) for text in texts), at_once=False)
    return reply.text, decoder.failure or ""


@pytest.mark.parametrize(
    "sentence",
    ["Модель недоступна. Попробуйте позже.", "Сервис временно недоступен", "Превышен лимит", "Ждите…"],
)
def test_one_bracketed_russian_sentence_is_an_error(sentence):
    assert outcome(f"[{sentence}]") == ("", sentence)
    assert outcome(*f" [{sentence}]\n") == ("", sentence)


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
    assert outcome(answer) == (answer, "")
    assert outcome(*answer) == (answer, "")


def test_an_answer_is_held_back_only_while_it_may_be_one():
    decoder = Decoder()
    shown = [decoder.feed([(json.dumps(delta(text)), "")]) for text in ("[Модель", " A]", " и")]
    assert [[chunk.text for chunk in chunks] for chunks in shown] == [[], [], ["[Модель A] и"]]
