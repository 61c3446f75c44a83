"""Entry point: runs the command line, and turns failures into exit codes."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # as in typing, which `--version` does not load
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn

    from mira_cli.errors import MiraError
    from mira_cli.terminal.streams import Streams

_CTRL_C, _HANGUP = 130, 129  # 128 + the signal, as shells have it


def main() -> NoReturn:
    """Run `mira` with the arguments, environment and streams of this process, and exit.

    Skips the interpreter's slow shutdown: all output has been flushed by then.
    """
    try:
        code = _run_process()
    except KeyboardInterrupt as stop:  # before run() or after it: there is nothing to clean up
        code = getattr(stop, "exit_code", _CTRL_C)
    os._exit(code)


def _run_process() -> int:
    import gc

    gc.disable()  # runs are short and create few reference cycles
    if sys.argv[1:] in (["-V"], ["--version"]):
        from mira_cli import __version__

        try:
            os.write(1, f"mira {__version__}\n".encode())
        except OSError:
            pass  # reported below, by Streams
        else:
            return 0
    if sys.getfilesystemencoding() == "ascii":
        _start_again_in_utf8()
    from mira_cli.session.signals import raise_on_signals
    from mira_cli.terminal.streams import Streams

    env = dict(os.environ)
    streams = Streams.open(env)
    raise_on_signals(before=streams.interrupt, resumed=streams.resumed)
    return run(sys.argv[1:], env, streams)


def _start_again_in_utf8() -> None:
    """Restart in UTF-8 mode when the C locale would make arguments, variables and file names ASCII.

    Python does this by itself unless PYTHONUTF8=0 and PYTHONCOERCECLOCALE=0 are set (PEP 538, PEP 540).
    """
    from contextlib import suppress

    with suppress(OSError):
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])


def run(argv: Sequence[str], env: Mapping[str, str], streams: Streams) -> int:
    """Run `mira` with these arguments and return its exit code. Never raises."""
    from mira_cli.errors import MiraError, ReaderGone
    from mira_cli.session.signals import as_error, behind

    try:
        try:
            code = _run_command(argv, env, streams)
        except KeyboardInterrupt as stop:
            raise as_error(stop) from stop
        streams.close()
    except ReaderGone as gone:
        return gone.exit_code
    except MiraError as error:
        return _report(error, argv, streams)
    except Exception as error:
        if streams.in_tty and isinstance(error, OSError) and _is_terminal_gone(error):
            return _HANGUP  # the terminal was closed, and a library noticed before the signal arrived
        if cause := behind(error):
            return _report(as_error(cause), argv, streams)
        return _report_bug(error, argv, env, streams)
    return code


def _run_command(argv: Sequence[str], env: Mapping[str, str], streams: Streams) -> int:
    from mira_cli.commands.options import Run
    from mira_cli.commands.root import run_command

    arguments = _with_command(argv, streams)
    return run_command(arguments, Run(streams, env, tuple(arguments)))


def _with_command(argv: Sequence[str], streams: Streams) -> list[str]:
    """The arguments, with the command added if it was left out.

    Plain `mira` means `chat` on a terminal and `ask` otherwise. A first argument that contains
    white space is a question for `ask`, since no command does.
    """
    if list(argv) in ([], ["--"]):
        return ["chat"] if streams.in_tty else ["ask"]
    if argv[0] in {"-h", "--help"} and len(argv) > 1 and not argv[1].startswith("-"):
        return ["help", *argv[1:]]
    ended = argv[0] == "--"  # nothing after it is an option, even if it starts with a dash
    first = argv[1] if ended else argv[0]
    if any(character.isspace() for character in first) and (ended or not first.startswith("-")):
        return ["ask", *argv]
    return list(argv[1:] if ended else argv)


def _is_terminal_gone(error: OSError) -> bool:
    from mira_cli.terminal.stdio import is_terminal_gone

    return is_terminal_gone(error)


def _report(error: MiraError, argv: Sequence[str], streams: Streams) -> int:
    """Report a failure on standard error, and as JSON on standard output with --json or --events."""
    if "--json" in argv or "--events" in argv:
        from contextlib import suppress

        from mira_cli.commands.root import error_form
        from mira_cli.errors import MiraError, ReaderGone
        from mira_cli.terminal.writers import write_failure

        form = error_form(argv)
        with suppress(MiraError, ReaderGone):
            if form != "text":
                write_failure(streams, error, events=form == "events")
    streams.error(error.message, error.hint)
    return error.exit_code


def _report_bug(error: Exception, argv: Sequence[str], env: Mapping[str, str], streams: Streams) -> int:
    from mira_cli.errors import MiraError

    if env.get("MIRA_DEBUG") == "1":
        import traceback

        for line in "".join(traceback.format_exception(error)).splitlines():
            streams.error(line)
    shortage = _shortage(error)
    if shortage:
        report = MiraError(shortage, hint="Close other programs, or raise what `ulimit -a` shows.")
    else:
        summary = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        report = MiraError(
            f"This is a bug in mira ({summary}).", hint="Please report it with what MIRA_DEBUG=1 shows."
        )
    return _report(report, argv, streams)


def _shortage(error: Exception) -> str:
    """A message if the system ran out of a resource, which isn't a bug; else ""."""
    import errno

    if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
        return "There is not enough memory."
    if isinstance(error, OSError) and error.errno in {errno.EMFILE, errno.ENFILE}:
        return f"{error.strerror}."
    if isinstance(error, RuntimeError) and "start new thread" in str(error):  # how Python reports EAGAIN
        return "The system can't start more threads."
    return ""
