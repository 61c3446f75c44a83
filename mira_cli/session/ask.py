"""`mira ask`: asks one question and prints the reply, its code or its JSON."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mira_cli.conversation.history import Conversation
from mira_cli.conversation.message import Request
from mira_cli.conversation.question import STDIN, compose
from mira_cli.errors import MiraError, UsageError
from mira_cli.session.opening import budget_from, open_session, options_from
from mira_cli.session.startup import open_settings
from mira_cli.session.turn import note_ending, run_turn, show_usage
from mira_cli.terminal.reading import is_stdin, read_stdin, read_text_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.session.opening import Session
    from mira_cli.session.reply_parts.json_reply import JsonFormat
    from mira_cli.session.turn import Turn
    from mira_cli.settings.resolve import Settings
    from mira_cli.terminal.streams import Streams
    from mira_cli.terminal.writers import Form

_EXAMPLES = "Try: mira ask \"What is machine learning?\"   or: git diff | mira ask 'Review this change'"


@dataclass(frozen=True, slots=True)
class AskOptions:
    """Options of one `mira ask` that are not settings."""

    words: tuple[str, ...]  # the question; "-" is standard input
    files: tuple[str, ...]  # files to add; "-" is standard input
    conversation: str | None  # file of the conversation to continue
    edit: bool
    code: bool  # print only the first code block
    code_flag: str  # the spelling of `code` that was typed, for messages: "-x" or "--code"
    lang: str | None  # print only code in this language
    code_all: bool  # print all code blocks
    raw: bool
    json: bool
    events: bool
    json_reply: bool
    schema: str | None  # file of the JSON Schema that the reply must match
    reask: bool  # ask once more if the reply is not the requested JSON
    dry_run: bool
    no_stdin: bool
    quiet: bool
    verbose: bool

    @property
    def form(self) -> Form:
        """The output: text for people, or a JSON form for programs."""
        return "json" if self.json else "events" if self.events else "text"

    @property
    def wants_code(self) -> bool:
        """Whether only code blocks are wanted."""
        return self.code or self.code_all or self.lang is not None

    @property
    def wants_json(self) -> bool:
        """Whether the reply must be JSON."""
        return self.json_reply or self.schema is not None

    @property
    def file_names(self) -> list[str]:
        """The files to add, with `-` in place of any name for standard input."""
        return [STDIN if is_stdin(name) else name for name in self.files]

    def check(self) -> None:
        """Check for options that can't be combined, before anything is read or sent.

        Raises:
            UsageError: There are some, or `--lang` is empty, as when a shell variable is unset.
        """
        if self.lang == "":
            raise UsageError("--lang must not be empty.", hint="Leave it out for code in any language.")
        code = "--code-all" if self.code_all else "--lang" if self.lang is not None else self.code_flag
        data = "--schema" if self.schema is not None else "--json-reply"
        for one, other, both in (
            ("--json", "--events", self.json and self.events),
            (f"--{self.form}", code, self.wants_code and self.form != "text"),
            (code, data, self.wants_code and self.wants_json),
        ):
            if both:
                raise UsageError(f"{one} and {other} can't be combined.", hint="Use only one.")
        dashes = [*self.words, *self.file_names].count(STDIN)
        if dashes and self.no_stdin:
            raise UsageError("- means standard input, but --no-stdin was given.", hint="Use only one.")
        if dashes > 1:
            raise UsageError(
                "Standard input can be read only once, but - is given more than once.",
                hint="Use only one, or quote a dash that is part of the question.",
            )


def ask(options: AskOptions, flags: Mapping[str, object], streams: Streams, env: Mapping[str, str]) -> None:
    """Ask one question and print the answer. `flags`: the flags that are settings, by name.

    Raises:
        MiraError: The question could not be asked or answered.
        ReaderGone: The reader of our output is gone.
    """
    options.check()
    settings = open_settings(streams, env, flags, quiet=options.quiet, verbose=options.verbose)
    silent = streams.stdin is None or options.no_stdin
    if silent and not (options.edit or options.files or any(word.strip() for word in options.words)):
        raise _no_question()
    if options.conversation is not None:
        _ask_in_file(options.conversation, options, settings, streams, env)
        return
    conversation = Conversation(settings.system, budget=budget_from(settings))
    _answer(options, settings, conversation, streams, env)


def _ask_in_file(
    path: str, options: AskOptions, settings: Settings, streams: Streams, env: Mapping[str, str]
) -> None:
    """Read the conversation file, ask, and write the file, under one lock. A failure leaves it unchanged.

    Raises:
        UsageError: The file is no conversation, or stayed in use.
        MiraError: The turn failed.
        ReaderGone: The reader of our output is gone.
    """
    from mira_cli.conversation.file_format import REPLIES_SKIPPED, StoredConversation
    from mira_cli.session.conversation_store import open_conversation, write_conversation

    with open_conversation(path, timeout=settings.timeout, note=streams.note) as stored:
        if settings.sources["model"] == "default" and stored.model:
            settings = settings.with_value("model", stored.model, source=path)
        if stored.skipped:
            streams.note(REPLIES_SKIPPED)
        system = settings.system
        if stored.system and not settings.from_flag("system"):  # an empty flag means none
            system = stored.system
        conversation = Conversation(system, budget=budget_from(settings), turns=stored.turns)
        turn = _answer(options, settings, conversation, streams, env, pending=stored.unanswered)
        if turn is not None:
            conversation.remember(*turn)
            write_conversation(path, StoredConversation.of(conversation, settings.model))


def _answer(
    options: AskOptions,
    settings: Settings,
    conversation: Conversation,
    streams: Streams,
    env: Mapping[str, str],
    *,
    pending: str = "",
) -> tuple[str, str] | None:
    """Ask within a conversation and print the answer. `pending`: its last question, if that has no reply.

    Returns:
        Question and reply, for the conversation; None after a dry run.
    """
    if not options.dry_run:
        streams.check_stdout()
    json_format = None
    if options.wants_json:
        from mira_cli.session.reply_parts.json_reply import open_json_format

        json_format = open_json_format(options.schema, settings.max_time, reask=options.reask)
    if options.dry_run:
        _show_request(settings, conversation, gather(options, streams, env, pending), json_format, streams)
        return None
    session = open_session(streams, env, settings, conversation, form=options.form, raw=options.raw)
    with closing(session.client):
        question = gather(options, streams, env, pending)
        return question, _reply(session, options, json_format, question)


def gather(options: AskOptions, streams: Streams, env: Mapping[str, str], pending: str) -> str:
    """The complete question; `pending` is an earlier one without a reply, which is sent with it, or "".

    Raises:
        UsageError: There is none, or an input cannot be read.
        TooLargeError: An input is too large.
    """
    names = options.file_names
    piped = "" if STDIN in names or options.no_stdin else read_stdin(streams)
    files = [(name, read_text_file(name, streams)) for name in names]
    words = options.words
    if options.edit:
        from mira_cli.session.editing import write_in_editor

        words = (write_in_editor(" ".join(words), env),)
    question = compose(words, piped, files)
    if not question.strip():
        raise _no_question()
    return f"{pending}\n\n{question}" if pending else question


def _no_question() -> UsageError:
    return UsageError("No question. Usage: mira ask [OPTIONS] [QUESTION]...", hint=_EXAMPLES)


def _show_request(
    settings: Settings,
    conversation: Conversation,
    question: str,
    json_format: JsonFormat | None,
    streams: Streams,
) -> None:
    """Print the exact request body on standard output, and its size on standard error.

    On a terminal, control characters are written as JSON escapes.

    Raises:
        RefusedError: It is too large to be sent.
    """
    from mira_cli.api.request import encode
    from mira_cli.settings.parse import visible

    options = options_from(settings)
    if json_format is not None:
        question, options = json_format.question(question), json_format.options(options)
    sent = conversation.with_question(question, folded=options.fold_system)
    body = encode(Request(sent.messages, options))
    text = body.decode()
    streams.write((visible(text) if streams.out_tty else text) + "\n")
    count = len(sent.messages)
    streams.note(
        f"POST {settings.base_url}/chat/completions: {count} message{'s' * (count != 1)},"
        f" {len(body):,} bytes, about {sent.tokens:,} of {conversation.budget:,} tokens;"
        f" {sent.dropped:,} trimmed. Nothing was sent."
    )


def _reply(session: Session, options: AskOptions, json_format: JsonFormat | None, question: str) -> str:
    """Run the turn and print the reply, or the requested part of it. Returns the whole reply."""
    if json_format is not None:
        from mira_cli.session.reply_parts.json_reply import ask_for_json
        from mira_cli.terminal.writers import Writer

        writer = Writer(session.streams) if session.form == "text" else session.new_writer()
        turn = ask_for_json(session, json_format, question, writer)
    elif options.wants_code:
        turn = _ask_for_code(session, options, question)
    else:
        writer = session.new_writer()
        with ExitStack() as stack:
            if session.streams.out_tty and not session.streams.plain:
                from mira_cli.terminal.prompt.keyboard import held_keys

                stack.enter_context(held_keys(session.streams, for_shell=True))  # not echoed into the reply
            writer.start(session.options.model)
            turn = run_turn(session, question, writer)
            writer.done(turn.result)
    note_ending(session, turn)
    show_usage(session, turn)
    return turn.result.text


def _ask_for_code(session: Session, options: AskOptions, question: str) -> Turn:
    """Run the turn and print the first code block, or all of them.

    If there is no code to print, the reply goes to standard error, since it was paid for.

    Raises:
        MismatchError: The reply has no such block.
        IncompleteError: The reply was cut off; nobody should run half a program by accident.
        MiraError: The turn failed.
    """
    from mira_cli.session.reply_parts.code_blocks import find_code
    from mira_cli.terminal.writers import Writer

    turn = None
    try:
        turn = run_turn(session, question, Writer(session.streams))
        turn.check_whole("code")
        code = find_code(turn.result.text, options.lang or "", every=options.code_all)
    except MiraError as error:
        if turn is not None:
            show_usage(session, turn)
        if error.partial:
            session.streams.show(error.partial)
        raise
    session.write_part(code, turn.result)
    return turn
