"""The files that a chat begins with: --load and --save."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from mira_cli.errors import UsageError
from mira_cli.session.chat.talk_loading import take_up
from mira_cli.session.chat.talk_saving import check_form, same_file
from mira_cli.session.conversation_store import check_writable, is_taken, read_conversation

if TYPE_CHECKING:
    from mira_cli.session.chat.state import Chat


def take_up_files(chat: Chat, load: str | None, save: str | None, *, own_system: bool) -> None:
    """Read the conversation of --load, and see that the file of --save may be written.

    Args:
        chat: The chat, before its first turn.
        load: The file of --load, None for none. A missing one that is also `save` is a new conversation.
        save: The file of --save, None for none.
        own_system: Whether a system prompt was given that replaces the file's.

    Raises:
        UsageError: `load` is no conversation, or `save` is read-only or would replace something.
    """
    if save is not None:
        check_form(save)
        check_writable(save)
    both = load is not None and save is not None and same_file(load, save)
    if load is not None and not (both and not is_taken(load)):
        system = chat.session.settings.system if own_system else None
        take_up(chat, read_conversation(load), load, system=system)
    if save is not None:
        _see_that_there_is_a_directory(save)
        if not both:
            _see_that_it_may_be_replaced(chat, save)
        chat.save_to = save


def _see_that_there_is_a_directory(path: str) -> None:
    directory = os.path.dirname(path)  # noqa: PTH120 - a name is a text here
    if directory and not os.path.isdir(directory):  # noqa: PTH112 - the same
        raise UsageError(f"There is no directory {directory} to save in.", hint="Make it first.")


def _see_that_it_may_be_replaced(chat: Chat, path: str) -> None:
    if not is_taken(path):
        return
    if not chat.agrees(f"{path} is there already. Replace it after the first turn?"):
        raise UsageError(
            f"{path} is there already; it was left as it is.",
            hint=f"Go on with it: --load {path} --save {path}; or name a new file.",
        )
