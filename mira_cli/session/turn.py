"""take_turn(): one question, one reply. `ask` does it once, a chat again and again."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from mira_cli.conversation.reply import Chunk, Reply, ReplyBuilder, Usage
from mira_cli.conversation.request import Request
from mira_cli.conversation.stop_sequences import StopCutter
from mira_cli.conversation.trimming import estimate
from mira_cli.errors import ContextError, MiraError, ReaderGone
from mira_cli.session.signals import as_error
from mira_cli.terminal.result import Result

if TYPE_CHECKING:
    from collections.abc import Callable

    from mira_cli.conversation.history import Trimmed
    from mira_cli.session.state import Session
    from mira_cli.terminal.writers import Writer


class Turn(NamedTuple):
    """A turn that is complete: what was sent, what came back."""

    sent: Trimmed
    reply: Reply
    result: Result


def take_turn(
    session: Session,
    question: str,
    writer: Writer,
    *,
    clock: Callable[[], float] = time.monotonic,
    about_last: bool = False,
) -> Turn:
    """Ask one question and pass the reply to the writer as it comes. Remembers nothing: the caller does.

    Args:
        session: All that is needed.
        question: The text to send.
        writer: Where the reply goes. Its `start` and `done` are left to the caller, its `fail` is not.
        clock: A monotonic clock in seconds.
        about_last: Whether the question is about the last turn, which then is sent in any case.

    Raises:
        MiraError: The turn failed; `partial` holds what came.
        ReaderGone: Nobody reads our output any more.
    """
    started = clock()
    builder = ReplyBuilder()
    session.watch.writer = writer
    try:
        sent = _ask(session, question, writer, builder, about_last=about_last)
    except KeyboardInterrupt as stop:
        error = as_error(stop, builder.reply().text)
        session.watch.line.stop()
        writer.fail(error)
        raise error from stop
    except MiraError as error:
        session.watch.line.stop()
        error.partial = error.partial or builder.reply().text
        writer.fail(error)
        raise
    except ReaderGone as gone:
        session.watch.line.stop()
        writer.fail(gone)
        raise
    finally:
        session.watch.writer = None
    reply = builder.reply()
    if reply.usage is not None:
        session.conversation.calibrate(sent, reply.usage.prompt_tokens)
    return Turn(sent, reply, _result(session, sent, reply, clock() - started))


def _ask(
    session: Session, question: str, writer: Writer, builder: ReplyBuilder, *, about_last: bool
) -> Trimmed:
    """Send what fits; once more with half as much when the server finds it too long."""
    sent = what_fits(session, question, about_last=about_last)
    _say_trimmed(session, sent, writer)
    try:
        _receive(session, sent, writer, builder)
    except ContextError:
        if builder.started or not session.conversation.halve_budget(sent):
            raise
        session.watch.line.stop()
        sent = what_fits(session, question, about_last=about_last)
        session.left_out = sent.left_out
        writer.notice(
            "trimmed",
            f"Too long for the model; asked again with {sent.dropped:,} messages left out.",
        )
        _receive(session, sent, writer, builder)
    return sent


def what_fits(session: Session, question: str, *, about_last: bool) -> Trimmed:
    """What to send to ask `question`. Raises as `Conversation.with_question`."""
    return session.conversation.with_question(
        question, keep_last=about_last, folded=session.options.fold_system
    )


def _receive(session: Session, sent: Trimmed, writer: Writer, builder: ReplyBuilder) -> None:
    """Pass the chunks of one reply on, as far as the stop sequences allow."""
    cutter = StopCutter(session.options.stop)
    line = session.watch.line
    chunks = session.send(Request(sent.messages, session.options), writer)
    line.start()
    try:
        for chunk in chunks:
            text = cutter.feed(chunk.text)
            builder.add(chunk if text == chunk.text else replace(chunk, text=text))
            if chunk.reasoning:
                writer.reasoning(chunk.reasoning)
            if text:
                if not writer.at_end:
                    line.stop()
                writer.write(text)
            if cutter.stopped:
                builder.add(Chunk(finish_reason="stop"))
                break
    except (MiraError, KeyboardInterrupt):
        line.stop()
        _let_go(cutter, writer, builder)
        raise
    finally:
        chunks.close()
        line.stop()
    _let_go(cutter, writer, builder)


def _let_go(cutter: StopCutter, writer: Writer, builder: ReplyBuilder) -> None:
    """The reply has ended: what looked like the beginning of a stop sequence was none."""
    if rest := cutter.finish():
        builder.add(Chunk(text=rest))
        writer.write(rest)


def _say_trimmed(session: Session, sent: Trimmed, writer: Writer) -> None:
    """Say once why messages are left out, and again when the reason changes. A chat's toolbar counts them."""
    for notice in sent.left_out.notices(session.left_out):
        writer.notice("trimmed", notice)
    session.left_out = sent.left_out


def _result(session: Session, sent: Trimmed, reply: Reply, elapsed: float) -> Result:
    return Result(
        text=reply.text,
        model=reply.model or session.options.model,
        finish_reason=reply.finish_reason,
        usage=whole_usage(sent, reply.text, reply.usage),
        id=reply.id,
        truncated=reply.finish_reason == "length",
        trimmed=sent.dropped,
        elapsed=elapsed,
        reasoning=reply.reasoning,
    )


def whole_usage(sent: Trimmed, text: str, told: Usage | None = None) -> Usage:
    """What a turn took: what the server told of it as it stands, the rest as an estimate."""
    told = told or Usage(0, 0, 0)
    prompt, completion, total = told.prompt_tokens, told.completion_tokens, told.total_tokens
    if prompt and completion:
        return Usage(prompt, completion, total or prompt + completion)
    if total and not prompt and not completion:
        completion = min(estimate(text), total)
        return Usage(total - completion, completion, total, estimated=True)
    prompt, completion = prompt or sent.tokens, completion or estimate(text)
    return Usage(prompt, completion, prompt + completion, estimated=True)


def say_how_it_ended(session: Session, turn: Turn) -> None:
    """Notes on a reply that is complete but not as one would expect."""
    reason = turn.reply.finish_reason
    if reason == "length":
        limit = session.options.max_tokens
        if limit is None:
            session.streams.note("Cut off at the model's longest answer; ask it to continue.")
        else:
            session.streams.note(f"Cut off at max_tokens={limit}; raise it with --max-tokens.")
    elif reason == "content_filter":
        session.streams.note("The API's content filter ended the answer.")
    elif reason not in {"", "stop"}:
        session.streams.note(f"The answer ended with finish_reason {reason}.")


def show_usage(session: Session, turn: Turn) -> None:
    """The token line: as the setting `usage` says; if that is auto, where a person reads the answer."""
    shown = session.settings.usage
    if shown == "always" or (shown == "auto" and session.streams.out_tty and session.form == "text"):
        from mira_cli.terminal import usage

        usage.show_usage(session.streams, turn.result.usage, turn.result.elapsed)
