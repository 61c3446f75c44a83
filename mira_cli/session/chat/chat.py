"""Chat: the state of one chat, which its loop and its commands read and change."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, NamedTuple

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

# Commands and flags in the hints of errors, and what to type in a chat instead.
_IN_CHAT = (
    ("mira config list", "/set"),
    ("mira config get base_url", "/info"),
    ("mira models", "/model"),
    ("--context", "/set context"),
    ("--max-time", "/set max_time"),
    ("--timeout", "/set timeout"),
)


class Question(NamedTuple):
    """A question that has no reply yet.

    Attributes:
        typed: The text that was typed; "" for a turn that is asked again, and for /continue.
        sent: The text to send, with the attached files.
        files: Name and text of those files.
        replaces_last: Whether its turn replaces the last one.
        about_last: Whether it asks for the rest of the last reply.
        loaded: In a pipe, the unanswered question of a loaded file, which is sent with the next one; or "".
    """

    typed: str
    sent: str
    files: tuple[tuple[str, str], ...] = ()
    replaces_last: bool = False
    about_last: bool = False
    loaded: str = ""


class Draft(NamedTuple):
    """The message that the input line starts with.

    Attributes:
        returned: It is a question that was stopped, so it gives way to text that was typed ahead.
        replaces_last: Whether the message replaces the last turn (/edit).
    """

    text: str = ""
    returned: bool = False
    replaces_last: bool = False

    @property
    def line(self) -> str:
        """The text as it must be typed: a slash at its start is doubled, since it might begin a command."""
        return f"/{self.text}" if self.text.startswith("/") else self.text


class ModelList:
    """The models that the server lists, fetched once in the background; until then the built-in ones."""

    def __init__(self, fetch: Callable[[], tuple[list[ModelInfo], str]]) -> None:
        self._fetch = fetch
        self._known = BUILTIN
        self._started = self.listed = False

    def names(self) -> tuple[str, ...]:
        """The ids known so far, without waiting. Fetches the list unless that was done."""
        if not self._started:
            self._started = True
            in_background(self._ask)
        return tuple(self._known)

    def find(self, model_id: str) -> ModelInfo:
        """What is known about a model."""
        return self._known.get(model_id) or builtin(model_id)

    def _ask(self) -> None:
        try:
            models, _ = self._fetch()
        except (MiraError, RuntimeError):  # RuntimeError: the client was closed
            self._started = False
            return
        self._known = {model.id: model for model in models}
        self.listed = True


class Chat:
    """What the commands of a chat can read and change.

    Attributes:
        reader: Reads what the user types; None in a pipe.
        save_path: The file of --conversation or --save, which is kept up to date; "" for none.
        locked: Whether it is that of --conversation, which is locked while the chat runs.
        saved: The conversation that it holds.
        own_files: Real paths of the files that this chat saved or loaded; /save overwrites them at once.
        draft: What the input line starts with next time.
        files: Name and text of the files attached to the next question.
        unanswered: The last question, if it got no reply.
        prompted: Whether a question or the prompt was shown, so that an empty row goes above the next one.
        exit_code: That of the last line that failed, or 0.
        questions: How many got a reply.
        used: The usage of each request.
    """

    def __init__(self, session: Session, key: Key, reader: LineReader | None = None) -> None:
        self.session = session
        self.streams: Streams = session.streams
        self.key = key
        self.models = ModelList(lambda: fetch(session.client.get))
        self.reader = reader
        self.save_path, self.locked = "", False
        self.saved: StoredConversation | None = None
        self.own_files: set[str] = set()
        self.draft = Draft()
        self.files: list[tuple[str, str]] = []
        self.unanswered: Question | None = None
        self.prompted = False
        self.exit_code = self.questions = 0
        self.used: list[Usage] = []

    def close(self) -> None:
        """Close the connections."""
        self.session.client.close()

    @property
    def interactive(self) -> bool:
        """Whether a person types."""
        return self.reader is not None

    def free(self) -> AbstractContextManager[object]:
        """Restore the terminal's modes while another program uses it."""
        return nullcontext() if self.reader is None else self.reader.keyboard.free()

    def summary(self) -> str:
        """`6 questions · 3,140 tokens`; in words for a screen reader, which reads signs out."""
        between, about = (", ", "about ") if self.streams.plain else (" · ", "~")
        if not any(usage.estimated for usage in self.used):
            about = ""
        tokens = sum(usage.prompt_tokens + usage.completion_tokens for usage in self.used)
        return f"{self.questions:,} question{'s' * (self.questions != 1)}{between}{about}{tokens:,} tokens"

    def say(self, text: str) -> None:
        """Show the output of a command on standard error, sanitised and without keys."""
        from mira_cli.terminal.sanitize import clean

        self.streams.draw(self.streams.folded(clean(redact(text)).rstrip("\n")) + "\n")

    def fail(self, error: MiraError, hint: str = "") -> None:
        """Show an error, and `hint` instead of its own hint; the chat goes on."""
        self.exit_code = error.exit_code
        message, hint = error.message, hint or error.hint
        for shell, chat in _IN_CHAT:
            message, hint = message.replace(shell, chat), hint.replace(shell, chat)
        self.streams.error(message, hint)

    def separate(self) -> None:
        """Start a question: an empty row above it, unless it is the first."""
        if self.prompted:
            self.streams.empty_row()
        self.prompted = True

    def show_question(self, text: str, *, whole: bool = False) -> None:
        """Show a question as it was asked; without `whole`, only the first lines of a long one."""
        self.separate()
        theme = self.session.settings.theme
        if whole:
            self.streams.question(text, theme)
        else:
            show_question(self.streams, text, theme)

    def show_reply(self, message: Message) -> None:
        """Show a reply again, as when it arrived; if standard output is a file, on standard error."""
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
        """Apply changed settings, except to the client and the system prompt."""
        session = self.session
        before, session.settings = session.settings, settings
        session.options = options_from(settings)
        if (settings.model, settings.context) != (before.model, before.context):
            session.conversation.budget = budget_from(settings, self.models.find(settings.model))
