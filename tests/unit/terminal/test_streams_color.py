"""Where colour stands: the table of flag, environment and terminals."""

import pytest

from mira_cli.terminal.streams import decide_color

NONE = (False, False)  # the answer, standard error
ALL = (True, True)
FORCED = (False, True)


@pytest.mark.parametrize(
    ("when", "env", "out_tty", "err_tty", "want"),
    [
        ("auto", {"TERM": "xterm"}, True, True, ALL),
        ("auto", {"TERM": "xterm"}, False, False, NONE),
        ("auto", {"TERM": "xterm"}, False, True, (False, True)),
        ("auto", {"TERM": "xterm"}, True, False, (True, False)),
        ("auto", {}, True, True, NONE),
        ("auto", {"TERM": ""}, True, True, NONE),
        ("auto", {"TERM": "unknown"}, True, True, NONE),
        ("auto", {"TERM": "unknown", "FORCE_COLOR": "1"}, True, True, NONE),
        ("auto", {"FORCE_COLOR": "1"}, True, True, NONE),
        ("always", {}, False, False, ALL),
        ("always", {"NO_COLOR": "1"}, False, False, ALL),
        ("always", {"TERM": "dumb"}, True, True, ALL),
        ("never", {"FORCE_COLOR": "1"}, True, True, NONE),
        ("auto", {"NO_COLOR": "1"}, True, True, NONE),
        ("auto", {"NO_COLOR": "", "TERM": "xterm"}, True, True, ALL),
        ("auto", {"NO_COLOR": "0"}, True, True, NONE),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, True, NONE),
        ("auto", {"TERM": "dumb"}, True, True, NONE),
        ("auto", {"TERM": "dumb", "FORCE_COLOR": "1"}, True, True, NONE),
        ("auto", {"FORCE_COLOR": "1"}, False, False, FORCED),
        ("auto", {"FORCE_COLOR": "3"}, False, False, FORCED),
        ("auto", {"CLICOLOR_FORCE": "1"}, False, False, FORCED),
        ("auto", {"CLICOLOR_FORCE": "0"}, False, False, NONE),
        ("auto", {"FORCE_COLOR": "0"}, False, False, NONE),
        ("auto", {"FORCE_COLOR": ""}, False, False, NONE),
        ("auto", {"FORCE_COLOR": "1", "TERM": "xterm"}, True, True, ALL),
    ],
)
def test_the_flag_and_the_environment(when, env, out_tty, err_tty, want):
    assert decide_color(when, env, out_tty=out_tty, err_tty=err_tty, from_flag=when != "auto") == want


@pytest.mark.parametrize(
    ("when", "env", "tty", "want"),
    [
        ("always", {}, False, FORCED),
        ("always", {"TERM": "xterm"}, True, ALL),
        ("always", {}, True, NONE),
        ("always", {"NO_COLOR": "1"}, True, NONE),
        ("always", {"TERM": "dumb"}, True, NONE),
        ("never", {"FORCE_COLOR": "1"}, True, NONE),
    ],
)
def test_a_stored_setting_is_a_preference(when, env, tty, want):
    assert decide_color(when, env, out_tty=tty, err_tty=tty) == want


def test_plain_forgoes_colour_unless_the_flag_asks():
    assert decide_color("auto", {"FORCE_COLOR": "1"}, out_tty=True, err_tty=True, plain=True) == NONE
    assert decide_color("always", {}, out_tty=True, err_tty=True, plain=True) == NONE
    assert decide_color("always", {}, out_tty=True, err_tty=True, plain=True, from_flag=True) == ALL
