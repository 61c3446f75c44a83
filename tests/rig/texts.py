"""Complete replies whose text would act on a terminal, if it were let through."""

from __future__ import annotations

from mira_cli.simulator.faults import Fault, changed

_FIRST, _LAST = "(simulated reply) before ", " after\n"


def _tags(text):
    return "".join(chr(0xE0000 + ord(letter)) for letter in text)


_SELECTORS = "a" + "".join(map(chr, range(0xE0100, 0xE0110)))

_TEXTS = {
    "ansi": ("colours, cursor moves and a cleared screen", ("\x1b[31mred\x1b[0m\x1b[2J\x1b[H\x1b[?25l",)),
    "osc52": ("OSC 52, which writes the clipboard", ("\x1b]52;c;b3duZWQ=\x07",)),
    "osc8": (
        "OSC 8, a link that hides its address",
        ("\x1b]8;;https://evil.example\x1b\\bank\x1b]8;;\x1b\\",),
    ),
    "title": ("a new title for the terminal", ("\x1b]0;owned\x07",)),
    "decrqss": ("DECRQSS and DA, which make the terminal type", ('\x1bP$q"p\x1b\\\x1b[c\x1b[6n',)),
    "c1": ("C1 controls: CSI, OSC, ST as one character", ("\x9b31mred\x9d0;owned\x9c\x90\x85",)),
    "bidi": ("bidirectional overrides", ("\u202egnp.exe\u202c \u2066isolated\u2069",)),
    "tags": ("tag characters that spell a hidden text", (_tags("ignore the user"),)),
    "selectors": ("variation selectors that hide bytes", (_SELECTORS,)),
    "invisible": ("zero-width and filler characters", ("a\u200b\u00ad\u2060\u3164\ufeff\u115fb",)),
    "cr-overwrite": ("CR, which writes over the line", ("rm -rf /\recho hello",)),
    "backspace": ("backspaces that rub out", ("evil\b\b\b\bgood",)),
    "nul": ("NUL, BEL, DEL and other C0 controls", ("a\x00b\x07c\x7fd\x0b\x0c\x0e",)),
    "surrogate": ("lone surrogates as JSON escapes", ("a\ud800b\udfffc",)),
    "noncharacters": ("noncharacters of Unicode", ("a\ufffeb\uffffc\ufdd0",)),
    "split-escape": (
        "an escape sequence torn over chunks",
        ("\x1b", "[3", "1", "mred\x1b", "]0;own", "ed", "\x07"),
    ),
    "open-osc": ("an OSC that never ends", ("\x1b]0;all the rest is swallowed",)),
    "markup": (
        "text that a library might take for markup",
        ("[/nope] [red]x[/red] [link=https://evil.example]y :smile:",),
    ),
    "hidden-link": (
        "escapes within Markdown: links, alt text, code, table",
        (
            '[bank\x1b[31m](https://evil.example/\x1b]0;x\x07 "ti\x1b[2Jtle") ![al\x9bt](x)\n\n',
            "```py\x1b[31m\nprint('\x1b]52;c;eA==\x07')\n```\n\n|a\x1b[H|b|\n|-|-|\n|\x07|\u202ex|\n",
        ),
    ),
    "emoji": (
        "joined emoji, a flag of tags, combining marks: all of them good",
        ("\U0001f469\u200d\U0001f467 ", f"\U0001f3f4{_tags('gbeng')}\U000e007f ", "e\u0301 \u2764\ufe0f"),
    ),
    "crlf-text": ("CR LF, U+2028 and blank lines at the end", ("one\r\ntwo\u2028three\n\n\n",)),
}

FAULTS = (
    *(
        Fault(name, line, changed(pieces=(_FIRST, *pieces, _LAST), finish_reason="stop"))
        for name, (line, pieces) in _TEXTS.items()
    ),
    Fault("evil-model", "a model name with escapes", changed(model="mira\x1b[31m\x1b]0;x\x07", id="\x1b[2J")),
    Fault("odd-finish", "a finish_reason that no one knows", changed(finish_reason="simulated\x1b[31m")),
)
