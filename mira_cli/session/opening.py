"""The one place that joins settings, key and client to a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.api.catalog import builtin
from mira_cli.api.client import Client
from mira_cli.api.terms import Limits
from mira_cli.conversation.request import Options
from mira_cli.conversation.trimming import budget_for
from mira_cli.session.state import Session
from mira_cli.session.watching import Watch
from mira_cli.settings import keys

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mira_cli.api.catalog import ModelInfo
    from mira_cli.api.terms import Observer
    from mira_cli.conversation.history import Conversation
    from mira_cli.settings.resolve import Settings
    from mira_cli.terminal.streams import Streams
    from mira_cli.terminal.writers import Form


def options_from(settings: Settings) -> Options:
    """How the model should answer, as the settings say."""
    return Options(
        model=settings.model,
        temperature=settings.temperature,
        top_p=settings.top_p,
        max_tokens=settings.max_tokens,
        stop=settings.stop,
        fold_system=settings.fold_system,
    )


def budget_from(settings: Settings, model: ModelInfo | None = None) -> int:
    """Tokens that a conversation may take with a model, by default that of the settings as we know it."""
    model = model or builtin(settings.model)
    return budget_for(model.context_window, model.max_output, settings.context)


def find_or_ask_key(streams: Streams, env: Mapping[str, str], settings: Settings) -> keys.Key:
    """The key for this base URL; on a terminal a person without one is asked for it.

    Raises:
        AuthError: There is no usable key.
    """
    return keys.lookup(settings, env, streams.warn) or ask_first_key(streams, settings)


def ask_first_key(streams: Streams, settings: Settings) -> keys.Key:
    """The key that a person on a terminal is asked for, since no source holds one.

    Raises:
        AuthError: None was given, or nobody can be asked.
    """
    from mira_cli.session.first_run import ask_for_key, can_ask

    if not can_ask(streams):
        raise keys.missing()
    return ask_for_key(streams, settings)


def client_with(
    key: keys.Key,
    streams: Streams,
    env: Mapping[str, str],
    settings: Settings,
    observer: Observer,
    *,
    output: int | None = None,
    sleep: Callable[[float], None] | None = None,
) -> Client:
    """A client with this key, which is masked from now on; `output` and `sleep` as for `Client`.

    Raises:
        ConfigError: A network variable cannot be used.
    """
    streams.hide(key.value)
    return Client(
        settings.base_url,
        key.value,
        limits_from(settings),
        observer,
        env=env,
        key_label=f"key {key.mask} from {key.source}",
        key_hint=key.replacing,
        output=output,
        sleep=sleep,
    )


def limits_from(settings: Settings) -> Limits:
    """Time limits and retries, as the settings say."""
    return Limits(settings.timeout, settings.connect_timeout, settings.max_time, settings.retries)


def open_session(
    streams: Streams,
    env: Mapping[str, str],
    settings: Settings,
    conversation: Conversation,
    *,
    form: Form = "text",
    raw: bool = False,
) -> Session:
    """All that a turn needs. Opens no connection. `form` and `raw` are the session's.

    Raises:
        AuthError: There is no usable key.
        ConfigError: A network variable cannot be used.
    """
    watch = Watch(streams)
    key = find_or_ask_key(streams, env, settings)
    client = client_with(key, streams, env, settings, watch, output=streams.output)
    return Session(streams, settings, client, conversation, options_from(settings), watch, form=form, raw=raw)
