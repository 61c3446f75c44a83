"""The child of the prompt's tests: reads messages and says what it got, as a chat would.

`wait N` takes N seconds with keys held, `stop N` as well and then returns the text as a question that was
stopped, `change N` as a draft to edit; `ask [N]` asks after N seconds, `key` and `/exit` do what they say. A marker "GOT <json>" stands for each message.
"""

import json
import os
import sys
import time

from mira_cli.errors import ConfigError
from mira_cli.session.signals import Signalled, raise_on_signals
from mira_cli.terminal.prompt import open_prompt
from mira_cli.terminal.prompt.keyboard import held_keys
from mira_cli.terminal.prompt.reader import PromptSetup
from mira_cli.terminal.prompt.tty import read_hidden
from mira_cli.terminal.streams import Streams

VALUES = {"/model": ["mira", "mira-pro"], "/set": ["theme", "model"], "/set theme": ["dark", "light"]}
COMMANDS = [("/model", "Change the model."), ("/set", "Change a setting."), ("/file", "Add a file.")]


def words(before):
    if not before:
        return COMMANDS
    if before == "/bug":
        raise LookupError
    return None if before.startswith("/file") else [(word, "") for word in VALUES.get(before, [])]


def edit(text):
    if "broken" in text:
        raise ConfigError("Cannot start the editor 'broken'.")
    return f"{text} (edited)"


def work(streams, seconds):
    """A reply under way; whether Ctrl-C stopped it."""
    end = time.monotonic() + seconds
    try:
        streams.draw("WORKING\n")
        while time.monotonic() < end:
            time.sleep(0.01)
    except Signalled:
        raise
    except KeyboardInterrupt:
        streams.draw("STOPPED\n")


def turn(reader, streams, draft):
    """One message; the draft for the next, None to leave."""
    try:
        text = reader.read(draft, "Ask anything", returned=draft.startswith("stop"))
    except EOFError:
        return None
    if len(text) > 1000:
        streams.draw(f"GOT {len(text)} characters\n")
    else:
        streams.draw(f"GOT {json.dumps(text, ensure_ascii=False)}\n")
    word, _, rest = text.partition(" ")
    if word in {"wait", "stop", "change"}:
        work(streams, float(rest))
        return "" if word == "wait" else text
    if word == "ask":
        if rest:
            work(streams, float(rest))
        streams.draw(f"ANSWER {reader.ask('Overwrite? (y/N)')!r}\n")
    elif text == "key":
        with reader.keyboard.free():
            hidden = read_hidden(streams, "Key:")
        streams.draw(f"KEY {hidden!r}\n")
    return None if text == "/exit" else ""


def main():
    streams = Streams.open(dict(os.environ))
    raise_on_signals(before=streams.interrupt, resumed=streams.resumed)
    streams.configure(plain="--plain" in sys.argv)
    setup = PromptSetup(
        history_file=os.environ.get("HISTORY", ""),
        vi="--vi" in sys.argv,
        theme="auto",
        words=words,
        toolbar=lambda columns: f"toolbar {columns}",
        edit=edit,
        drawn=lambda: None,
        cleared=lambda: None,
    )
    with held_keys(streams) as keyboard:
        streams.draw("Header\n")
        reader = open_prompt(streams, setup, keyboard)
        draft = ""
        while draft is not None:
            try:
                draft = turn(reader, streams, draft)
            except KeyboardInterrupt as stop:  # between a reply and the prompt it stops nothing
                if isinstance(stop, Signalled):
                    raise
                draft = ""
    streams.draw("BYE\n")


if __name__ == "__main__":
    try:
        main()
    except Signalled as stop:
        os._exit(stop.exit_code)
