"""Commands about settings: /model /prompt /system /set /info."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mira_cli.errors import AuthError, UsageError
from mira_cli.session import prompts
from mira_cli.session.opening import client_with, limits_from
from mira_cli.session.startup import KEY_PROMPT, ask_for_key, system_text, with_system
from mira_cli.settings import keys
from mira_cli.settings.parse import display
from mira_cli.settings.table import BY_NAME, KEY, SETTINGS, find
from mira_cli.terminal.table import aligned, settings_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mira_cli.session.chat.chat import Chat
    from mira_cli.settings.resolve import Settings
    from mira_cli.settings.table import Setting
    from mira_cli.terminal.streams import Streams

_EMPTY = {'""', "''"}
_NONE = {*_EMPTY, "none", "default"}  # not for texts: "none" can be a system prompt


def model(chat: Chat, name: str) -> None:
    """List models, or switch."""
    if name:
        _assign(chat, "model", name)
        return
    current, known = chat.session.options.model, chat.models.names()
    rows = []
    for each in known if current in known else (current, *known):
        window = chat.models.find(each).context_window
        rows.append(("*" if each == current else "", each, f"{window:,} tokens" if window else ""))
    chat.say(aligned(rows, chat.streams.err_width()))
    if not chat.models.listed:
        chat.say("These are the built-in ones; any name is accepted: /model NAME")


def system(chat: Chat, text: str) -> None:
    """Show the system prompt, or change it ("": none)."""
    if text:
        _assign(chat, "system", text)
    else:
        chat.say(chat.session.conversation.system or "No system prompt. Set one: /system TEXT")


def prompt(chat: Chat, name: str) -> None:
    """Use a saved prompt, or list them."""
    if name:
        _assign(chat, "prompt", name)
        return
    paths, current = chat.session.settings.paths, chat.session.settings.prompt
    rows = [
        ("*" if each == current else "", each, line) for each, line in prompts.listed(paths, chat.streams)
    ]
    none = "There are no saved prompts yet; in a shell: mira prompts edit NAME"
    chat.say(aligned(rows, chat.streams.err_width()) or none)


def change(chat: Chat, rest: str) -> None:
    """Show the settings, or change one for this chat."""
    name, _, value = rest.partition(" ")
    if not name:
        _show(chat, [setting for setting in SETTINGS if setting.in_chat])
        return
    setting, value = find(name), value.strip()
    if setting is KEY:
        _change_key(chat, value)
    elif not value:
        _show(chat, [setting])
    elif setting.in_chat:
        _assign(chat, setting.name, value)
    else:
        raise UsageError(
            f"{setting.name} can't be changed in a chat.",
            hint=f"Quit and run: mira config set {setting.name} VALUE",
        )


def info(chat: Chat, _rest: str) -> None:
    """Show all settings and where each was set.

    The key is masked.
    """
    _show(chat, SETTINGS)
    if chat.save_path:
        chat.say(f"The chat is saved after each turn in {chat.save_path}.")


def _show(chat: Chat, settings: Sequence[Setting]) -> None:
    current = chat.session.settings
    rows = []
    for setting in settings:
        if setting is KEY:
            rows.append((setting.name, *keys.listed(current, chat.streams.env, chat.streams.warn)))
            continue
        value = getattr(current, setting.name)
        if setting.name == "system":  # a loaded conversation has its own
            value = chat.session.conversation.system
        rows.append((setting.name, display(value), current.sources[setting.name]))
    chat.say(settings_table(rows, chat.streams.err_width()))


def _assign(chat: Chat, name: str, value: str) -> None:
    """Change a setting for this chat."""
    conversation, before = chat.session.conversation, chat.session.settings
    settings = _with_value(before, name, value, chat.streams)
    if limits_from(settings) != limits_from(before):
        _reopen(chat, settings)
    chat.use_settings(settings)
    if name == "vi" and chat.reader is not None:
        chat.reader.use_vi(settings.vi)
    if name in {"system", "prompt"}:
        conversation.system = settings.system
    shown = display(getattr(settings, name)) or "not set"
    budget = f"; context limit {conversation.budget:,} tokens" if name in {"model", "context"} else ""
    chat.streams.note(f"{name}: {shown}{budget}")


def _with_value(settings: Settings, name: str, value: str, streams: Streams) -> Settings:
    """The settings with one changed. `""` unsets one that has no default; for a number, `none` does too."""
    default = BY_NAME[name].default
    if default in {None, "", ()} and value.casefold() in (_NONE if default is None else _EMPTY):
        unset: dict[str, Any] = {name: default}
        if name in {"system", "prompt"}:
            unset = {"system": "", "prompt": ""}
        return replace(settings, sources={**settings.sources, name: "/set"}, **unset)
    if name == "system":
        return replace(settings, prompt="").with_value(name, system_text(value, streams))
    settings = settings.with_value(name, value)
    return with_system(settings, streams, hint="/prompt lists them.") if name == "prompt" else settings


def _change_key(chat: Chat, value: str) -> None:
    """Ask for another key without echo, store it, and use it."""
    if value:
        raise UsageError(
            "The key was not used: it was visible on the screen.", hint="Type just /set key, then paste it."
        )
    if chat.reader is None:
        raise UsageError("A key can only be entered on a terminal.", hint="Run: mira config set key")
    settings = chat.session.settings
    with chat.free():
        key = ask_for_key(chat.streams, settings, KEY_PROMPT)
    if key is None:
        raise AuthError("No key was given; the current one is kept.")
    if chat.streams.env.get(keys.VARIABLE):
        chat.streams.warn(f"{keys.VARIABLE} overrides it in the next run.")
    chat.key = key
    _reopen(chat, settings)


def _reopen(chat: Chat, settings: Settings) -> None:
    """Replace the client by one with the current key and the new limits."""
    session, streams = chat.session, chat.streams
    client = client_with(chat.key, streams.env, settings, session.observer, output=streams.output)
    session.client.close()
    session.client = client
