"""/file and -f: files that are sent along with a question of a chat."""

from __future__ import annotations

from rig.simulator import asked, scripted


def test_files_as_a_terminal_drops_them(mira, chat, tmp_path):
    folder = tmp_path / "sp dir"
    folder.mkdir()
    (folder / "a b.txt").write_text("inside")
    escaped = str(folder / "a b.txt").replace(" ", "\\ ")
    url = "file://" + str(folder / "a b.txt").replace(" ", "%20")
    with scripted(mira, "ok") as simulator:
        outcome = chat(f"/file {escaped}", f"/file {url}", f"/file '{folder}/a b.txt'", "what is it?")
        assert outcome.code == 0, outcome.err
        assert asked(simulator)[0][0][1].count("inside") == 3


def test_files_that_are_dropped_together(mira, chat, tmp_path):
    for name in ("a b.txt", "c.txt"):
        (tmp_path / name).write_text(f"inside {name}")
    with scripted(mira, "ok") as simulator:
        outcome = chat(f"/file '{tmp_path}/a b.txt' {tmp_path}/c.txt", "what are they?")
        assert outcome.code == 0, outcome.err
        text = asked(simulator)[0][0][1]
    assert "inside a b.txt" in text
    assert "inside c.txt" in text


def test_files_wait_for_the_next_question(mira, chat, tmp_path):
    path = tmp_path / "a file.txt"
    path.write_text("inside")
    with scripted(mira, "one", "two") as simulator:
        outcome = chat(f"/file '{path}'", f"/file {path}.missing", "what is it?", "and now?")
        questions = [messages[-1][1] for messages in asked(simulator)]
    assert questions == [f"File {path}:\n```\ninside\n```\n\nwhat is it?", "and now?"]
    assert outcome.err.count("will be attached to your next message") == 1
    assert outcome.code == 2


def test_a_file_that_is_too_large_to_send_is_refused_at_once_and_named(mira, chat, tmp_path):
    path = tmp_path / "large.txt"
    path.write_text("я" * 16_001)
    with scripted(mira, "one") as simulator:
        outcome = chat(f"/file {path}", "what is it?")
        assert asked(simulator) == [[("user", "what is it?")]]
    assert outcome.code == 5
    assert f"{path} is 32,002 bytes; the API takes at most 32,000 bytes a message." in outcome.err
    outcome = chat("what is it?", flags=("-f", str(path)))
    assert (outcome.code, outcome.out) == (5, "")
    assert f"{path} is 32,002 bytes" in outcome.err


def test_files_that_are_too_large_together_are_refused_with_the_figures(mira, chat, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).write_text("x" * 20_000)
    with scripted(mira, "one") as simulator:
        outcome = chat(f"/file {tmp_path}/a", f"/file {tmp_path}/b", "what is it?")
        assert "x" * 20_000 in asked(simulator)[0][0][1]
        assert f"{tmp_path}/b" not in asked(simulator)[0][0][1]
    assert outcome.code == 5
    assert f"{tmp_path}/b is 20,000 bytes and " in outcome.err
    assert " are attached already; the API takes at most 32,000 bytes a message." in outcome.err


def test_a_path_from_a_pipe_is_a_message(mira, chat, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("inside")
    with scripted(mira, "one") as simulator:
        assert chat(str(path)).code == 0
        assert asked(simulator) == [[("user", str(path))]]


def test_without_a_path_the_attached_files_are_removed(mira, chat, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("inside")
    with scripted(mira, "one") as simulator:
        outcome = chat(f"/file {path}", "/file", "what is it?")
        questions = [messages[-1][1] for messages in asked(simulator)]
    assert questions == ["what is it?"]
    assert f"No longer attached: {path}" in outcome.err
    assert chat("/file").err == "mira: Which file? /file PATH\n"


def test_standard_input_is_no_file(mira):
    assert mira("chat", "-f", "-", stdin=b"x\n").code == 2
