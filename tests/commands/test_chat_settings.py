"""/set, /model, /system and /info: the settings of a chat."""

from __future__ import annotations

from rig.simulator import scripted


def test_settings_change_what_is_sent(mira, chat, tmp_path):
    prompt = tmp_path / "prompt.txt"
    prompt.write_text("from a file")
    with scripted(mira, "one", "two", "three") as simulator:
        outcome = chat(
            "/model mira-max", "/set temperature 0.5", "/set stop END", "/system be terse", "first",
            "/set temperature none", f"/system @{prompt}", "/set max-tokens 7", "second",
            '/system ""', "third",
        )  # fmt: skip
        assert outcome.code == 0
        first, second, third = (received.body for received in simulator.requests)
    assert (first["model"], first["temperature"], first["stop"]) == ("mira-max", 0.5, ["END"])
    assert first["messages"][0] == {"role": "system", "content": "be terse"}
    assert "temperature" not in second
    assert second["max_tokens"] == 7
    assert second["messages"][0]["content"] == "from a file"
    assert third["messages"][0]["role"] == "user"
    assert "model: mira-max; context limit 108,135 tokens\n" in outcome.err


def test_only_numbers_know_the_word_none(mira, chat):
    with scripted(mira, "one", "two") as simulator:
        assert (
            chat("/system none", "/set stop none", "/set top_p none", "first", '/set stop ""', "second").code
            == 0
        )
        first, second = (received.body for received in simulator.requests)
    assert first["messages"][0]["content"] == "none"
    assert first["stop"] == ["none"]
    assert "top_p" not in first
    assert "stop" not in second


def test_bad_settings_are_refused_in_plain_words(chat):
    outcome = chat(
        "/set temperature 9", "/set modell x", "/set base_url https://example.com", "/set key sk-mira-x"
    )
    assert outcome.code == 2
    assert "temperature must be 0 to 2, not 9." in outcome.err
    assert "No setting 'modell'. Did you mean 'model'?" in outcome.err
    assert "base_url can't be changed in a chat." in outcome.err
    assert "The key was not used" in outcome.err


def test_info_masks_the_key(chat, simulator):
    assert simulator.key not in chat("/info").err


def test_reasoning_is_shown_as_the_chat_sets_it(mira, simulator):
    thought = "<think>Hm.</think>4"
    simulator.say(thought, thought, thought)
    got = mira("chat", stdin=b"one\n/set reasoning true\ntwo\n/set reasoning false\nthree\n")
    assert (got.code, got.out) == (0, "4\n4\n4\n")
    assert got.err.count("Hm.\n") == 1
    assert "Hm." not in str(simulator.requests[-1].body)
