"""`mira ask --dry-run`: the request as it would be sent, without key and network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.api.request import encode
from mira_cli.conversation.message import Request
from mira_cli.session.ask.question import gather
from mira_cli.session.opening import options_from
from mira_cli.settings.display import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.conversation.history import Conversation
    from mira_cli.session.ask.options import AskOptions
    from mira_cli.settings.resolve import Settings
    from mira_cli.terminal.streams import Streams


def show_request(
    options: AskOptions,
    settings: Settings,
    conversation: Conversation,
    streams: Streams,
    env: Mapping[str, str],
    pending: str,
) -> None:
    """Print the exact request body on standard output, and its size on standard error.

    On a terminal, characters that would act on it are written as JSON escapes.

    Raises:
        UsageError: There is no question, or an input cannot be read.
        RefusedError: It is too large to be sent.
    """
    question = gather(options, streams, env, pending)
    request_options = options_from(settings)
    if options.wants_json:
        from mira_cli.session.reply_parts.json_reply import open_json_format

        json_format = open_json_format(options.schema, settings.max_time)
        question, request_options = json_format.question(question), json_format.options(request_options)
    sent = conversation.with_question(question, folded=request_options.fold_system)
    body = encode(Request(sent.messages, request_options))
    text = body.decode()
    streams.write((visible(text) if streams.out_tty else text) + "\n")
    count = len(sent.messages)
    streams.note(
        f"POST {settings.base_url}/chat/completions: {count} message{'s' * (count != 1)},"
        f" {len(body):,} bytes, about {sent.tokens:,} of {conversation.budget:,} tokens;"
        f" {sent.dropped:,} trimmed. Nothing was sent."
    )
