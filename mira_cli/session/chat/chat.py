"""Chat: the state of one chat, which its loop and its commands read and change."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mira_cli.api.models import BUILTIN, builtin, fetch
from mira_cli.background import in_background
from mira_cli.errors import MiraError
from mira_cli.masking import redact
from mira_cli.session.opening import budget_from, options_from
from mira_cli.terminal.prompt.reader import show_question

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from mira_cli.api.models import ModelInfo
    from mira_cli.conversation.file_format import StoredConversation
    from mira_cli.conversation.message import Message
    from mira_cli.conversation.reply import Usage
    from mira_cli.session.opening import Session
    from mira_cli.settings.keys import Key
    from mira_cli.settings.resolve import Settings
    from mira_cli.terminal.prompt.reader import LineReader
    from mira_cli.terminal.streams import Streams

# What errors tell a person to type in a shell, and what does the same in a chat.
_IN_CHAT = (
    ("mira config list", "/set"),
    ("mira config get base_url", "/info"),
    ("mira models", "/model"),
    ("--context", "/set context"),
    ("--max-time", "/set max_time"),
    ("--timeout", "/set timeout"),
)


@dataclass(slots=True)
class Question:
    """A question that has no reply yet.

    Attributes:
        typed: As it was typed; "" if it is the question of a turn that is asked again.
        sent: As it is sent, with its files.
        files: Name and text of those files.
        replaces_last: Whether it takes the place of the last turn.
        about_last: Whether it asks for the rest of the last reply.
        pinned: Whether its turn will be pinned.
        stored: Whether the conversation has the reply, or the part of it that came.
    """

    typed: str
    sent: str
    files: tuple[tuple[str, str], ...] = ()
    replaces_last: bool = False
    about_last: bool = False
    pinned: bool = False
    stored: bool = False


class ModelList:
    """The models that the server lists, asked for once in the background; until then the built-in ones.

    Args:
        fetch: Asks the server; called in a thread of its own, at most once with success.
    """

    def __init__(self, fetch: Callable[[], tuple[list[ModelInfo], str]]) -> None:
        self._fetch = fetch
        self._known = BUILTIN
        self._asked = False
        self.listed = False

    def names(self) -> tuple[str, ...]:
        """The ids known so far; never waits. The first call starts asking the server."""
        if not self._asked:
            self._asked = True
            in_background(self._ask)
        return tuple(self._known)

    def find(self, model_id: str) -> ModelInfo:
        """What is known of a model."""
        return self._known.get(model_id) or builtin(model_id)

    def _ask(self) -> None:
        try:
            models, _ = self._fetch()
        except (MiraError, RuntimeError):  # RuntimeError: the client was closed meanwhile
            self._asked = False  # the next call tries again
            return
        self._known = {model.id: model for model in models}
        self.listed = True


class Chat:
    """All that the commands of a chat may look at and change.

    Attributes:
        session: All that a turn needs.
        key: The key in use.
        models: The models of the server.
        reader: Reads what a person types; None when the lines come from a pipe.
        save: Writes a conversation to the file of --save or --conversation; None without one.
        save_path: That file, "" for none.
        locked: Whether it is that of --conversation, which is this chat's alone.
        saved: What that file holds.
        own_files: Real paths of the files that this chat saved or loaded: /save overwrites them unasked.
        draft: Text that the input line begins with; without an input line it is sent with the next question.
        draft_returned: The draft came back by itself: it gives way to what was typed ahead.
        files: Name and text of the files that are sent with the next question.
        unanswered: The last question, if it got no reply.
        replacing: Whether the next question takes the place of the last turn (/edit).
        prompted: Whether a question or the prompt has been shown, so that an empty row goes above the next.
        exit_code: That of the last line that failed, 0 for none.
        questions: How many got a reply.
        tokens: Tokens of all turns, as the server counted them or else as we estimate.
        estimated: Whether any of them is an estimate.
    """

    def __init__(self, session: Session, key: Key, reader: LineReader | None = None) -> None:
        self.session = session
        self.streams: Streams = session.streams
        self.key = key
        self.models = ModelList(lambda: fetch(session.client.get))
        self.reader = reader
        self.save: Callable[[StoredConversation], None] | None = None
        self.save_path = self.draft = ""
        self.saved: StoredConversation | None = None
        self.own_files: set[str] = set()
        self.files: list[tuple[str, str]] = []
        self.unanswered: Question | None = None
        self.locked = self.draft_returned = self.replacing = self.prompted = False
        self.exit_code = self.questions = self.tokens = 0
        self.estimated = False

    def close(self) -> None:
        """Close the connections that are kept."""
        self.session.client.close()

    @property
    def interactive(self) -> bool:
        """Whether a person types."""
        return self.reader is not None

    @property
    def stored(self) -> StoredConversation:
        """The conversation as a file keeps it."""
        from mira_cli.conversation.file_format import StoredConversation

        return StoredConversation.of(self.session.conversation, self.session.options.model)

    def free(self) -> AbstractContextManager[object]:
        """Give the terminal back as it was found, while another program uses it."""
        return nullcontext() if self.reader is None else self.reader.keyboard.free()

    def confirm(self, question: str) -> bool | None:
        """Whether the person says yes; None when there is nobody to ask."""
        if self.reader is None:
            return None
        return self.reader.ask(self.streams.folded(f"{question} (y/N)")).casefold() in {"y", "yes"}

    def count(self, usage: Usage) -> None:
        """Count what a turn used."""
        self.tokens += usage.prompt_tokens + usage.completion_tokens  # as the line after each reply says
        self.estimated |= usage.estimated

    def summary(self) -> str:
        """`6 questions · 3,140 tokens`; without symbols where a screen reader reads them out."""
        plain = self.streams.plain
        about = "" if not self.estimated else "about " if plain else "~"
        questions = f"{self.questions:,} question{'s' * (self.questions != 1)}"
        return f"{questions}{', ' if plain else ' · '}{about}{self.tokens:,} tokens"

    def say(self, text: str) -> None:
        """Show the output of a command, on standard error since it is no reply. Cleaned and redacted."""
        from mira_cli.terminal.sanitize import clean

        self.streams.draw(self.streams.folded(clean(redact(text)).rstrip("\n")) + "\n")

    def fail(self, error: MiraError, hint: str = "") -> None:
        """Say what went wrong, with `hint` in place of its own; the chat goes on."""
        self.exit_code = error.exit_code
        message, hint = error.message, hint or error.hint
        for shell, chat in _IN_CHAT:
            message, hint = message.replace(shell, chat), hint.replace(shell, chat)
        self.streams.error(message, hint)

    def show_question(self, text: str, *, whole: bool = False) -> None:
        """Show a question as the input line leaves it, an empty row above it unless it is the first.

        Args:
            text: The question.
            whole: Show all lines of a long one.
        """
        if self.prompted:
            self.streams.empty_row()
        self.prompted = True
        theme = self.session.settings.theme
        if whole:
            self.streams.question(text, theme)
        else:
            show_question(self.streams, text, theme)

    def show_reply(self, message: Message) -> None:
        """Show a reply, drawn as it was when it came, where standard output is a terminal.

        Elsewhere it goes to standard error: standard output gets only the replies of this chat.

        Raises:
            ReaderGone, OutputError, Interrupted: Standard output cannot be written.
        """
        from mira_cli.conversation.reply import Usage
        from mira_cli.terminal.result import Result

        text, model = redact(message.content), self.session.options.model
        if not self.streams.out_tty:
            self.say(text)
            return
        self.streams.empty_row()
        writer = self.session.new_writer()
        writer.start(model)
        writer.write(text)
        writer.done(Result(text, model, "", Usage(0, 0, 0)))

    def use_settings(self, settings: Settings) -> None:
        """Use changed settings from now on; the client and the system prompt are up to the caller."""
        session = self.session
        before, session.settings = session.settings, settings
        session.options = options_from(settings)
        if (settings.model, settings.context) != (before.model, before.context):
            session.conversation.budget = budget_from(settings, self.models.find(settings.model))

    def save_if_changed(self) -> None:
        """Bring the file of --save or --conversation up to date. A failure is shown; the chat goes on."""
        if self.save is None or not self.session.conversation.turns or self.stored == self.saved:
            return
        try:
            self.save(self.stored)
        except MiraError as error:
            self.fail(error)
        else:
            self.saved = self.stored
