"""Keys: what is taken for one, and that none is ever shown."""

from __future__ import annotations

import pytest

KEY = "sk-mira-" + "1a2b3c4d" * 5


@pytest.mark.parametrize(
    "value",
    [
        f"{KEY}\nX-Injected: yes",
        f"{KEY[:20]}\r\n{KEY[20:]}",
        KEY[:20] + "ключ" + KEY[20:],
        KEY + "\u0661",
        KEY + " and more",
        KEY + "\x1b[31m",
        "sk-proj-" + "1a2b3c4d" * 5,
    ],
)
def test_what_is_no_key_is_refused_and_not_repeated(mira, simulator, value):
    for words, variable in ((["ask", "hi"], value), (["config", "set", "key"], "")):
        done = mira(*words, stdin=value.encode(), MIRA_API_KEY=variable)
        assert (done.code, done.out) == (4, "")
        assert done.err.startswith("mira: That does not look like a Mira key; ")
        assert len(done.err.splitlines()) <= 2
        assert "1a2b" not in done.err
    assert mira("models", MIRA_API_KEY=value).code == 0  # a list that needs no key
    assert not any(visit.headers.get("authorization") for visit in simulator.visits)


@pytest.mark.parametrize("around", ["{}\n", " {}\r\n", '"{}"', "\ufeff{}", "'{}' "])
def test_what_a_paste_leaves_around_a_key_is_taken_off(mira, simulator, around):
    assert mira("ask", "hi", MIRA_API_KEY=around.format(simulator.key)).code == 0
    assert simulator.requests[-1].headers["authorization"] == f"Bearer {simulator.key}"


@pytest.mark.parametrize("fault", ["401-key", "422-key", "429-key", "500-key", "403-key", "404-key"])
@pytest.mark.parametrize("form", [[], ["--json"], ["--events"], ["-v"], ["-x"], ["--json-reply"]])
def test_a_server_that_repeats_the_key_is_not_quoted(mira, simulator, fault, form):
    simulator.fail(fault)
    done = mira("ask", "--retries", "0", *form, "hi")
    assert done.code >= 4
    assert simulator.key not in done.out + done.err
    assert len(done.err) > 10
