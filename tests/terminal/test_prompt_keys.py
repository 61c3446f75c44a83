"""Each key of the prompt, typed into a real pty; the screen is what pyte makes of it."""

import json

import pytest

ALT_ENTER = "\x1b\r"
UP, DOWN = "\x1b[A", "\x1b[B"


def got(terminal, text):
    """Wait until the child says that this text was sent."""
    terminal.until(
        lambda: f"GOT {json.dumps(text, ensure_ascii=False)}" in terminal.text.replace("\n", ""), text
    )


def send(terminal, text):
    terminal.type(f"{text}\r")
    got(terminal, text)


def line(terminal):
    """The line of the cursor."""
    return terminal.lines[terminal.screen.cursor.y]


def test_an_empty_prompt_shows_placeholder_and_toolbar(open_prompt):
    terminal = open_prompt()
    assert terminal.lines[:3] == ["Header", "› Ask anything", " toolbar 80"]


def test_the_terminal_is_never_asked_where_its_cursor_is(open_prompt):
    terminal = open_prompt()
    send(terminal, "one")
    assert b"\x1b[6n" not in terminal.raw


def test_enter_sends_and_blank_text_is_not_sent(open_prompt):
    terminal = open_prompt()
    terminal.type("\r  \r")
    terminal.type("hello\r")
    got(terminal, "  hello")
    assert terminal.text.count("GOT") == 1


@pytest.mark.parametrize(
    "key",
    [ALT_ENTER, "\n", "\\\r", "\x1b[13;2u", "\x1b[27;2;13~", "\x1b[13;5u", "\x1b[27;5;13~"],
    ids=["alt-enter", "ctrl-j", "backslash", "csi-u-shift", "xterm-shift", "csi-u-ctrl", "xterm-ctrl"],
)
@pytest.mark.parametrize("flags", [(), ("--vi",)], ids=["emacs", "vi"])
def test_keys_that_begin_a_new_line(open_prompt, key, flags):
    terminal = open_prompt(*flags)
    terminal.type(f"one{key}two\r")
    got(terminal, "one\ntwo")


def test_a_backslash_within_a_line_is_only_a_backslash(open_prompt):
    terminal = open_prompt()
    terminal.type("a\\b\r")
    got(terminal, "a\\b")


def test_a_pasted_block_is_one_message(open_prompt):
    terminal = open_prompt()
    terminal.paste("one\rtwo\r\nthree\n\tfour")
    terminal.wait_for("four")
    assert "GOT" not in terminal.text
    terminal.type("\r")
    got(terminal, "one\ntwo\nthree\n\tfour")


def test_controls_and_invisible_characters_of_a_paste_are_left_out_and_said(open_prompt):
    terminal = open_prompt()
    terminal.paste("a\x1b[31mb\u200bc\U000e0041\U000e0042d\u202e")
    terminal.wait_for("note: 5 invisible or control characters in the pasted text were left out")
    terminal.type("\r")
    got(terminal, "a[31mbcd")


def test_a_large_paste_stays_one_message(open_prompt):
    terminal = open_prompt()
    text = "\r".join(f"line {number} {'x' * 60}" for number in range(2900))
    assert len(text) > 200_000
    terminal.paste(text)
    terminal.wait_for("line 2899")
    terminal.type("\r")
    terminal.wait_for(f"GOT {len(text)} characters")


def test_a_line_of_100_kb_is_one_message_and_both_its_ends_are_shown(open_prompt):
    terminal = open_prompt()
    text = "begin " + "word " * 20_000 + "end"
    terminal.paste(text)
    terminal.wait_for("word end")
    written = len(terminal.raw)
    terminal.type("!")
    terminal.wait_for("word end!")
    assert len(terminal.raw) - written < 3 * 24 * 80  # a key draws a few cells, at worst the screen
    terminal.type("\x01")
    terminal.wait_for("› begin word")
    terminal.type("\x05\x7f\r")
    terminal.wait_for(f"GOT {len(text)} characters")


def test_a_text_taller_than_the_screen_leaves_what_was_said_above_it_in_sight(open_prompt):
    terminal = open_prompt()
    terminal.paste("\r".join(f"line {number}" for number in range(100)))
    terminal.wait_for("line 99")
    terminal.until(lambda: "Header" in terminal.lines[0])
    terminal.type(UP * 40)
    terminal.wait_for("line 59")
    terminal.resize(80, 6)
    terminal.until(lambda: "toolbar 80" in terminal.text)
    assert terminal.text.count("line ") <= 4
    terminal.type("\r")
    terminal.until(lambda: b'GOT "line 0' in terminal.raw, "the message")


def test_a_tab_is_shown_as_space_and_kept(open_prompt):
    terminal = open_prompt()
    terminal.paste("if x:\r\tgo()")
    terminal.wait_for("      go()")
    assert "^I" not in terminal.text
    terminal.type("\r")
    got(terminal, "if x:\n\tgo()")


def test_up_and_down_move_in_the_text_then_in_the_history_and_keep_the_draft(open_prompt):
    terminal = open_prompt()
    send(terminal, "older")
    send(terminal, "newer")
    terminal.type(f"draft 1{ALT_ENTER}draft 2")
    terminal.type(UP)
    terminal.type("!")
    terminal.wait_for("draft 1!")  # within the text first
    terminal.type(UP)
    terminal.wait_for("› newer\n")
    terminal.type(UP)
    terminal.until(lambda: line(terminal) == "› older")
    terminal.type(DOWN)
    terminal.type(DOWN)
    terminal.until(lambda: "draft 1!" in terminal.text)
    terminal.type("\r")
    got(terminal, "draft 1!\ndraft 2")


def test_ctrl_r_searches_the_history(open_prompt):
    terminal = open_prompt()
    send(terminal, "tell me of whales")
    send(terminal, "something else")
    terminal.type("\x12whal")
    terminal.until(
        lambda: "I-search backward: whal" in terminal.text and "› tell me of whales\nI-" in terminal.text
    )
    terminal.type("\r")  # takes the line, and does not send it yet
    terminal.until(lambda: "I-search" not in terminal.text)
    terminal.type("\x05!\r")
    got(terminal, "tell me of whales!")


def test_the_newest_line_like_it_is_suggested(open_prompt):
    terminal = open_prompt()
    send(terminal, "a long question")
    terminal.type("a lo")
    terminal.until(lambda: line(terminal) == "› a long question")
    terminal.type("\x1b[C\r")
    terminal.until(lambda: terminal.text.count('GOT "a long question"') == 2)


def test_a_suggestion_that_is_not_taken_is_not_sent(open_prompt):
    terminal = open_prompt()
    send(terminal, "a long question")
    terminal.type("a lo")
    terminal.until(lambda: line(terminal) == "› a long question")
    terminal.type("\r")
    got(terminal, "a lo")


def test_commands_complete_with_descriptions_and_enter_only_accepts(open_prompt):
    terminal = open_prompt()
    terminal.type("/")
    terminal.wait_for("Change the model.")
    terminal.type("m\t ")
    terminal.wait_for("mira-pro")
    terminal.type(DOWN + DOWN)
    terminal.until(lambda: line(terminal) == "› /model mira-pro")
    terminal.type("\r")
    terminal.until(lambda: terminal.text.count("mira-pro") == 1)  # the menu is closed, nothing is sent
    assert "GOT" not in terminal.text
    terminal.type("\r")
    got(terminal, "/model mira-pro")


def test_values_of_settings_complete(open_prompt):
    terminal = open_prompt()
    terminal.type("/set theme ")
    terminal.wait_for("light")
    terminal.type("d\t\r")
    got(terminal, "/set theme dark")


def test_tab_behind_a_complete_word_goes_on_with_the_next(open_prompt):
    terminal = open_prompt()
    terminal.type("/mo\t\t")
    terminal.wait_for("mira-pro")
    terminal.until(lambda: line(terminal) == "› /model mira")
    terminal.type("\x15/set theme\t")
    terminal.wait_for("light")
    terminal.type("d\t\t\r")
    got(terminal, "/set theme dark")


def test_paths_complete(open_prompt, tmp_path):
    (tmp_path / "directory with space").mkdir()
    (tmp_path / "directory with space" / "наброски.txt").touch()
    (tmp_path / ".hidden").touch()
    terminal = open_prompt(columns=200)  # a temporary folder may lie deep
    terminal.type(f"/file {tmp_path}/dir\t")
    terminal.until(lambda: "directory with space/" in terminal.text.replace("\n  ", ""))
    terminal.type("\t\r")
    terminal.until(lambda: "наброски.txt" in terminal.text.replace("\n", "") and "GOT" in terminal.text)


def test_a_path_and_a_double_slash_complete_nothing(open_prompt):
    terminal = open_prompt()
    for text in ("/etc/hosts is what?", "//model"):
        send(terminal, text)
    assert "Change the model." not in terminal.text


@pytest.mark.parametrize("keys", ["\x07", "\x18\x05"], ids=["ctrl-g", "ctrl-x ctrl-e"])
def test_the_text_goes_to_the_editor_and_comes_back(open_prompt, keys):
    terminal = open_prompt()
    terminal.type(f"text{keys}")
    terminal.wait_for("text (edited)")
    terminal.type("\r")
    got(terminal, "text (edited)")


def test_an_editor_that_fails_leaves_the_text(open_prompt):
    terminal = open_prompt()
    terminal.type("broken\x07")
    terminal.wait_for("Cannot start the editor 'broken'.")
    terminal.type("\r")
    got(terminal, "broken")


def test_ctrl_c_clears_the_text_and_on_an_empty_line_says_how_to_leave(open_prompt):
    terminal = open_prompt()
    terminal.type("some text\x03")
    terminal.wait_for("Ask anything")
    assert "to quit" not in terminal.text
    terminal.type("\x03")
    terminal.wait_for("Press Ctrl-D or type /exit to quit.")
    send(terminal, "still here")


def test_keys_that_come_with_ctrl_c_find_the_history(open_prompt):
    terminal = open_prompt()
    send(terminal, "older")
    terminal.type(f"some text\x03{UP}!\r")
    got(terminal, "older!")


def test_after_ctrl_c_in_vi_text_is_typed_as_in_a_new_prompt(open_prompt):
    terminal = open_prompt("--vi")
    terminal.type_and_escape("some text")
    terminal.type("\x03")
    terminal.wait_for("Ask anything")
    terminal.type("dd is text\r")
    got(terminal, "dd is text")


def test_ctrl_d_leaves_only_an_empty_line(open_prompt):
    terminal = open_prompt()
    terminal.type("ab\x01\x04")  # to the beginning, delete one
    terminal.until(lambda: line(terminal) == "› b")
    terminal.type("\x0b\x04")
    assert terminal.wait() == 0
    assert "BYE" in terminal.text
    assert terminal.mode() == (True, True)
    assert "Ask anything" not in terminal.text


def test_ctrl_l_clears_the_screen(open_prompt):
    terminal = open_prompt()
    send(terminal, "one")
    terminal.type("text\x0c")
    terminal.until(lambda: terminal.lines[0] == "› text")
    assert "GOT" not in terminal.text


def test_vi_commands_edit_when_the_setting_says_so(open_prompt):
    terminal = open_prompt("--vi")
    terminal.type_and_escape("one two")
    terminal.type("0dwiX")
    terminal.until(lambda: line(terminal) == "› Xtwo")
    terminal.type("\r")
    got(terminal, "Xtwo")


def test_escape_and_then_enter_sends_in_vi(open_prompt):
    terminal = open_prompt("--vi")
    terminal.type_and_escape("one")
    terminal.type("\r")
    got(terminal, "one")


@pytest.mark.parametrize("how", ["type", "paste"])
@pytest.mark.parametrize("text", ["Привет, мир", "你好世界", "wow 🎉 ok"])
def test_other_scripts_are_typed_pasted_and_edited(open_prompt, how, text):
    terminal = open_prompt()
    getattr(terminal, how)(text)
    terminal.wait_for(f"› {text}")
    terminal.type("\x7f\x7f")
    terminal.type("!\x01> \r")
    got(terminal, f"> {text[:-2]}!")


def test_bytes_that_are_no_text_do_no_harm(open_prompt):
    terminal = open_prompt()
    terminal.type(b"a\xff\xfeb\r")
    got(terminal, "a\ufffd\ufffdb")


def test_a_resize_is_taken_into_account(open_prompt):
    terminal = open_prompt()
    terminal.type("text")
    terminal.wait_for("› text")
    terminal.resize(40, 24)
    terminal.wait_for("toolbar 40")
    terminal.type("\r")
    got(terminal, "text")


@pytest.mark.parametrize("size", [(20, 3), (10, 2), (5, 1)])
def test_a_tiny_terminal_still_takes_text(open_terminal, open_prompt, size):
    terminal = open_prompt(ready="", columns=size[0], rows=size[1])
    terminal.until(lambda: b"\x1b[?2004h" in terminal.raw)
    terminal.type("/exit\r\r")
    assert terminal.wait() == 0
    assert b"BYE" in terminal.raw


def test_a_menu_on_a_low_screen_takes_the_rows_that_there_are(open_prompt):
    terminal = open_prompt(columns=60, rows=6)
    terminal.type("/")
    terminal.wait_for("Change a setting.")
    terminal.until(lambda: "toolbar" in terminal.lines[5])
    assert terminal.lines[0] == "› /"
    terminal.type("mod\t")
    terminal.wait_for("› /model")


@pytest.mark.parametrize(("typed", "taken_back"), [("/", "\x7f"), ("one\ntwo\nthree", "\x03")])
def test_the_toolbar_comes_back_up_when_the_rows_above_it_are_not_needed_any_more(
    open_prompt, typed, taken_back
):
    terminal = open_prompt()
    terminal.type(typed)
    terminal.until(lambda: "toolbar" not in terminal.lines[2] and "toolbar" in terminal.text)
    terminal.type(taken_back)
    terminal.until(lambda: "toolbar" in terminal.lines[2])
    assert terminal.text.count("toolbar") == 1
