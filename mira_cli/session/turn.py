"""run_turn(): one question, one reply. Used by `ask`, by each turn of a chat, and by each row of a batch."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from mira_cli.conversation.message import Request
from mira_cli.conversation.sizes import estimate
from mira_cli.errors import ContextError, IncompleteError, MiraError, ReaderGone
from mira_cli.session.signals import as_error

# The modules that read a reply are imported in functions, so that they load while the server thinks.
if TYPE_CHECKING:
    from collections.abc import Sequence

    from mira_cli.api.stream import ReplyStream
    from mira_cli.conversation.history import Trimmed
    from mira_cli.conversation.reply import Chunk, ReplyBuilder, StopCutter, Usage
    from mira_cli.session.opening import Session
    from mira_cli.terminal.result import Result
    from mira_cli.terminal.writers import Writer


class Turn(NamedTuple):
    """A complete turn: what was sent, and what came back."""

    sent: Trimmed
    result: Result

    def check_whole(self, part: str) -> None:
        """Check that the reply ended naturally, before a part of it, such as its code, is used.

        Raises:
            IncompleteError: It did not.
        """
        from mira_cli.conversation.reply import ending

        reason = self.result.finish_reason
        if ending(reason) == "natural":
            return
        what, hint = f"ended early (finish_reason {reason})", "Rephrase and try again."
        if self.result.truncated:
            what, hint = "hit the length limit", "Raise --max-tokens."
        message = f"The reply {what}; its {part} may be incomplete."
        raise IncompleteError(message, hint=hint, partial=self.result.text)


def run_turn(session: Session, question: str, writer: Writer, *, about_last: bool = False) -> Turn:
    """Ask one question and pass the reply to the writer as it arrives. The conversation is not changed.

    The caller calls the writer's `start` and `done`; `fail` is called here. With `about_last`, the last turn
    is always sent too.

    Raises:
        MiraError: The turn failed; `partial` holds the text that had arrived.
        ReaderGone: Nobody reads our output any more.
    """
    session.observer.begin(writer)
    try:
        return _ask(session, question, writer, about_last=about_last)
    except KeyboardInterrupt as stop:
        error = as_error(stop)
        writer.fail(error)
        raise error from stop
    except (MiraError, ReaderGone) as error:
        writer.fail(error)
        raise
    finally:
        session.observer.end()


def _ask(session: Session, question: str, writer: Writer, *, about_last: bool) -> Turn:
    """Send as much as fits; if the server finds it too long, send half as much once more."""
    sent = what_fits(session, question, about_last=about_last)
    _say_trimmed(session, writer, sent.notices(session.last_sent))
    session.last_sent = sent
    try:
        return _receive(session, sent, writer)
    except ContextError:
        if not session.conversation.halve_budget(sent):
            raise
        sent = what_fits(session, question, about_last=about_last)
        session.last_sent = sent
        again = f"Too long for the model; asked again with {sent.dropped:,} messages left out."
        _say_trimmed(session, writer, [again])
        return _receive(session, sent, writer)


def what_fits(session: Session, question: str, *, about_last: bool) -> Trimmed:
    """The messages to send with `question`. Raises as `Conversation.with_question`."""
    return session.conversation.with_question(
        question, keep_last=about_last, folded=session.options.fold_system
    )


def _receive(session: Session, sent: Trimmed, writer: Writer) -> Turn:
    """Send the request and pass its reply on; an error carries the text that had arrived."""
    try:
        session.observer.sending()
        started = time.monotonic()
        chunks = session.client.send(Request(sent.messages, session.options), writer.prepare)
        from mira_cli.conversation.reply import ReplyBuilder

        reply = ReplyBuilder()
        try:
            _read(session, chunks, writer, reply)
            if reply.usage is not None:
                session.conversation.calibrate(sent, reply.usage.prompt_tokens)
            return Turn(sent, _result(session, sent, reply, time.monotonic() - started))
        except KeyboardInterrupt as stop:
            raise as_error(stop, reply.text) from stop
        except MiraError as error:
            error.partial = error.partial or reply.text
            raise
    finally:
        session.observer.receiving()


def _read(session: Session, chunks: ReplyStream, writer: Writer, reply: ReplyBuilder) -> None:
    """Add the chunks of a reply to it and pass them on, up to the first stop sequence."""
    from mira_cli.conversation.reply import Chunk, StopCutter, ending

    observer, cutter = session.observer, StopCutter(session.options.stop)
    has_text = False
    try:
        for received in chunks:
            chunk = _up_to_stop(received, cutter)
            if chunk.reasoning:
                writer.reasoning(chunk.reasoning)
                if session.settings.reasoning and not has_text:
                    observer.reasoning(chunk.reasoning)
            reply.add(chunk)
            if chunk.text:
                has_text = True
                if not writer.at_end:
                    observer.receiving()
                writer.write(chunk.text)
            if cutter.stopped:
                break
    finally:
        chunks.close()
        observer.receiving()
        if rest := cutter.finish():  # held back as the possible beginning of a stop sequence
            reply.add(Chunk(text=rest))
            writer.write(rest)
    reason = reply.finish_reason
    if ending(reason) == "error":
        raise IncompleteError(f"The server broke the reply off (finish_reason {reason}); it is incomplete.")


def _up_to_stop(chunk: Chunk, cutter: StopCutter) -> Chunk:
    """The chunk with the text that comes before a stop sequence, after which no finish_reason counts."""
    text = cutter.feed(chunk.text)
    if cutter.stopped:
        return replace(chunk, text=text, finish_reason="stop")
    return chunk if text == chunk.text else replace(chunk, text=text)


def _say_trimmed(session: Session, writer: Writer, notices: Sequence[str]) -> None:
    """Say why messages were left out, above the reply. A chat's toolbar counts them."""
    for notice in notices:
        writer.notice("trimmed", notice)
    if notices and session.form == "text" and session.streams.out_tty and not session.streams.quiet:
        session.streams.empty_row()


def _result(session: Session, sent: Trimmed, reply: ReplyBuilder, elapsed: float) -> Result:
    from mira_cli.conversation.reply import ending
    from mira_cli.terminal.result import Result

    text = reply.text
    return Result(
        text=text,
        model=reply.model or session.options.model,
        finish_reason=reply.finish_reason,
        usage=whole_usage(sent, text, reply.usage),
        id=reply.id,
        truncated=ending(reply.finish_reason) == "length",
        trimmed=sent.dropped,
        elapsed=elapsed,
        reasoning=reply.reasoning,
    )


def whole_usage(sent: Trimmed, text: str, reported: Usage | None = None) -> Usage:
    """The usage of a turn: what the server reported, the rest estimated."""
    from mira_cli.conversation.reply import Usage

    reported = reported or Usage(0, 0, 0)
    prompt, completion, total = reported.prompt_tokens, reported.completion_tokens, reported.total_tokens
    if prompt and completion:
        return Usage(prompt, completion, total or prompt + completion)
    if total and not prompt and not completion:
        completion = min(estimate(text), total)
        return Usage(total - completion, completion, total, estimated=True)
    prompt, completion = prompt or sent.tokens, completion or estimate(text)
    return Usage(prompt, completion, prompt + completion, estimated=True)


def note_ending(session: Session, turn: Turn, *, in_chat: bool = False) -> None:
    """Say that a reply ended early, and why; with --quiet too, because a cut reply can look complete."""
    from mira_cli.conversation.reply import ending

    reason = turn.result.finish_reason
    match ending(reason):
        case "natural":
            return
        case "length":
            limit, more = session.options.max_tokens, "raise it with --max-tokens"
            if in_chat:
                more = "/continue asks for the rest"
            elif limit is None:
                more = "ask it to continue"
            what = "the model's length limit"
            if limit is not None:
                what = f"the limit of {limit:,} token{'s' * (limit != 1)}"
            text = f"The reply hit {what}; {more}."
        case "filter":
            text = "The API's content filter ended the reply."
        case _:
            text = f"The reply ended with finish_reason {reason}."
    session.streams.note(text, always=True)


def show_usage(session: Session, turn: Turn) -> None:
    """Show the usage line if the setting `usage` asks for it; auto: only when a person reads the answer."""
    shown = session.settings.usage
    if shown == "always" or (shown == "auto" and session.streams.out_tty and session.form == "text"):
        from mira_cli.terminal.result import usage_line

        between = ", " if session.streams.plain else " · "  # a screen reader reads signs out
        session.streams.note(usage_line(turn.result.usage, turn.result.elapsed, between))
