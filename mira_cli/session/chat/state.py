"""Chat: a session that goes on, and what a chat knows beside it."""

from __future__ import annotations

import re
from contextlib import nullcontext
from typing import TYPE_CHECKING, NamedTuple

from mira_cli.conversation.file_format import StoredConversation
from mira_cli.conversation.question import compose
from mira_cli.errors import MiraError
from mira_cli.session.chat.balance import Balance
from mira_cli.session.opening import budget_from, options_from
from mira_cli.settings.table import SETTINGS
from mira_cli.terminal.sanitize import clean

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from mira_cli.session.chat.model_list import ModelList
    from mira_cli.session.opening import Session
    from mira_cli.settings.keys import Key
    from mira_cli.settings.resolve import Settings
    from mira_cli.terminal.prompt.reader import LineReader
    from mira_cli.terminal.streams import Streams


class Unanswered(NamedTuple):
    """A question that got no reply: as it was typed, and as it was sent with its files."""

    typed: str
    sent: str


class Chat:
    """All that the commands of a chat may look at and change.

    Attributes:
        session: All that a turn needs.
        env: The environment.
        key: The key in use.
        models: The models that the server lists, as far as they are known yet.
        reader: Reads what a person types; None when the lines come from a pipe.
        save_to: File that gets the conversation after each turn, "" for none.
        saved: What that file holds.
        draft: What the input line shows next.
        pending: A question of a loaded file that has no reply; asked along where there is no input line.
        files: Name and text of the files that go with the next question.
        unanswered: The last question, if it got no reply.
        replacing: Whether the next question takes the place of the last turn (/edit).
        leaving: Whether the chat is over.
        code: Exit code of the last line that failed, 0 for none.
        balance: What the chat came to so far.
    """

    def __init__(
        self,
        session: Session,
        env: Mapping[str, str],
        key: Key,
        models: ModelList,
        reader: LineReader | None = None,
    ) -> None:
        self.session = session
        self.env = env
        self.key = key
        self.models = models
        self.reader = reader
        self.save_to = self.draft = self.pending = ""
        self.saved: StoredConversation | None = None
        self.files: list[tuple[str, str]] = []
        self.unanswered: Unanswered | None = None
        self.replacing = self.leaving = False
        self.code = 0
        self.balance = Balance()

    @property
    def interactive(self) -> bool:
        """Whether a person types."""
        return self.reader is not None

    def free(self) -> AbstractContextManager[object]:
        """The terminal as it was found, while another program has it."""
        return nullcontext() if self.reader is None else self.reader.keyboard.free()

    def agrees(self, question: str) -> bool | None:
        """Whether the person says yes; None when there is nobody to ask."""
        if self.reader is None:
            return None
        return self.reader.ask(self.streams.folded(f"{question} (y/N)")).strip().casefold() in {"y", "yes"}

    @property
    def streams(self) -> Streams:
        """The standard streams."""
        return self.session.streams

    def question(self, typed: str) -> str:
        """The question as it is sent: after what waits for it."""
        composed = compose((typed,), files=self.files) if self.files else typed
        return "\n\n".join(filter(None, (self.pending, composed)))

    def say(self, text: str) -> None:
        """Show what somebody asked to see, on standard error: it is no answer. Cleaned and redacted."""
        self.streams.draw(self.streams.folded(clean(self.streams.redact(text)).rstrip("\n")) + "\n")

    def fail(self, error: MiraError, hint: str = "") -> None:
        """Say what went wrong, with `hint` in place of its own; the chat goes on."""
        self.code = error.exit_code
        words = _in_chat_words if self.interactive else str
        self.streams.error(words(error.message), words(hint or error.hint))

    def use_settings(self, settings: Settings) -> None:
        """Take changed settings into use; the client and the system text are the caller's concern."""
        session = self.session
        before, session.settings = session.settings, settings
        session.options = options_from(settings)
        if (settings.model, settings.context) != (before.model, before.context):
            session.conversation.budget = budget_from(settings, self.models.find(settings.model))

    @property
    def talk(self) -> StoredConversation:
        """The conversation as a file keeps it."""
        return StoredConversation.of(self.session.conversation, self.session.options.model)

    def keep_saved(self) -> None:
        """Bring the file of --save up to date, if there is one. That it fails is said, and stops nothing."""
        talk = self.talk
        if not self.save_to or not talk.turns or talk == self.saved:
            return
        from mira_cli.session.chat.talk_saving import write_talk

        try:
            write_talk(talk, self.save_to, self.streams.redact)
        except MiraError as error:
            self.fail(error)
        else:
            self.saved = talk


def _in_chat_words(text: str) -> str:
    """Words for the command line, its flags and commands as they are typed in a chat."""
    text = re.sub(r"mira config set key\b", "/set key", text)
    for setting in SETTINGS:
        if setting.in_chat and setting.flags:
            text = re.sub(rf"{setting.flags[-1]}\b", f"/set {setting.name}", text)
    return text
