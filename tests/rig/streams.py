"""Standard streams of buffers, for tests that call the package itself."""

from functools import partial
from types import SimpleNamespace

from mira_cli.session.opening import Session
from mira_cli.terminal.stdio import UTF8, Output, size_of
from mira_cli.terminal.streams import Streams

_NO_DESCRIPTOR = -1


def buffered(
    stdin=None,
    stdout=None,
    stderr=None,
    *,
    env=None,
    in_tty=False,
    out_tty=False,
    err_tty=False,
    encoding=UTF8,
    size=None,
    err_size=None,
):
    """Streams that read and write these, by default closed ones; `encoding` is that of standard error."""
    env = {"TERM": "xterm"} if env is None else env
    usual = partial(size_of, _NO_DESCRIPTOR, env)
    return Streams(
        stdin,
        Output(stdout, tty=out_tty, size=size or usual),
        Output(stderr, tty=err_tty, encoding=encoding, size=err_size or usual),
        env,
        in_tty=in_tty,
    )


def open_writer(streams, *, form="text", raw=False, stream=True, sanitize="auto", prefix=""):
    """The writer that a session takes for a reply."""
    settings = SimpleNamespace(stream=stream, sanitize=sanitize, theme="")
    return Session(streams, settings, None, None, None, None, form, raw, prefix).new_writer()
