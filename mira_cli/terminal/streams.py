"""Standard input, output and error as one value. All writing goes through here."""

from __future__ import annotations

import os
import signal
from _thread import RLock  # threading takes longer to import than this module with all its imports
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mira_cli.errors import OutputError, ReaderGone
from mira_cli.masking import redact
from mira_cli.terminal import stdio
from mira_cli.terminal.stdio import Descriptor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from io import RawIOBase

    from mira_cli.terminal.stdio import Output

_MOMENT = 0.5  # seconds
_FIRST_WIDE = "\u1100"  # no character before it takes more than one cell
_ACCENTS = {"light": "#87005f", "dark": "#ff87d7"}
_NARROWEST, _LOWEST = 20, 4  # columns and rows of a terminal on which replies are drawn


class Streams:
    """The three standard streams. `configure` applies the flags later.

    Attributes:
        stdin: Piped or redirected input; None for a terminal, another device or a closed descriptor.
        plain: No animation, no redrawing: `--plain`, TERM=dumb, a terminal without TERM.
        quiet: Only the answer and errors.
        verbose: Also requests, retries and timings.
        prefix: Written before errors and warnings; a chat sets it to "".
        reported: Whether the last JSON object (a result or an error) has been written.
        torn: Whether a JSON object may have been written in part, which leaves its line open.
        ending: Whether a signal is ending the current step; the next reply resets it.
        disturbed: Whether others may have written to the terminal since we drew; redrawing resets it.
    """

    def __init__(
        self,
        stdin: RawIOBase | None,
        stdout: Output,
        stderr: Output,
        env: Mapping[str, str],
        *,
        in_tty: bool = False,
    ) -> None:
        self.stdin, self.stdout, self.stderr, self.env = stdin, stdout, stderr, env
        self.in_tty, self.out_tty, self.err_tty = in_tty, stdout.tty, stderr.tty
        self.reported = self.torn = self.ending = self.disturbed = False
        self.prefix = "mira: "
        self._is_held, self._put_off = False, 0  # whether signals are held back; the one that was
        self._status = ""
        self._suspended = False
        self._lock = RLock()  # the waiting line is drawn by another thread
        self.configure()

    @classmethod
    def open(cls, env: Mapping[str, str]) -> Streams:
        """The real ones: file descriptors 0, 1 and 2."""
        return cls(
            stdio.open_source(),
            stdio.open_output(stdio.STDOUT, env),
            stdio.open_output(stdio.STDERR, env),
            env,
            in_tty=stdio.is_terminal(stdio.STDIN),
        )

    def configure(
        self,
        *,
        when: str = "auto",
        from_flag: bool = False,
        plain: bool = False,
        quiet: bool = False,
        verbose: bool = False,
    ) -> None:
        """Apply flags and settings; `when` and `from_flag` as in `decide_color`."""
        tty = self.in_tty or self.out_tty or self.err_tty
        self.plain = plain or _is_dumb(self.env, tty=tty)
        self.quiet, self.verbose = quiet, verbose
        self.stdout.color, self.stderr.color = decide_color(
            when, self.env, out_tty=self.out_tty, err_tty=self.err_tty, from_flag=from_flag, plain=plain
        )

    def write(self, text: str) -> None:
        """Write exactly `text` to standard output, at once.

        Raises:
            ReaderGone: Its reader is gone.
            OutputError: It cannot be written.
            Interrupted: The terminal was closed.
        """
        if self._status:
            self.status("")
        if self.stdout.sink is None:
            raise OutputError("Standard output is closed.", hint="Open it, or send it to a file.")
        try:
            self.stdout.write(text)
        except OSError as error:
            raise stdio.write_error(error, tty=self.out_tty) from error

    def check_stdout(self) -> None:
        """Check that standard output can be written, before a request costs anything. Raises as `write`."""
        self.write("")  # even an empty write fails if it is closed, read-only or /dev/full
        if stdio.reader_has_left(self.output):
            raise ReaderGone

    @property
    def output(self) -> int | None:
        """The descriptor of standard output, if it has a reader that may go away; None for a terminal."""
        sink = self.stdout.sink
        return sink.number if isinstance(sink, Descriptor) and not self.out_tty else None

    def close(self) -> None:
        """Erase the status line, and check that all output was written. Raises as `write`."""
        self.status("")
        if isinstance(self.stdout.sink, Descriptor):
            try:  # some file systems only report a full disk on close
                os.close(os.dup(self.stdout.sink.number))
            except OSError as error:
                raise stdio.write_error(error, tty=self.out_tty) from error

    @contextmanager
    def uninterrupted(self) -> Iterator[None]:
        """Hold back signals that arrive during the `with` block until its end."""
        self._is_held = True
        try:
            yield
        finally:
            self._is_held = False
            number, self._put_off = self._put_off, 0
            if number:
                signal.raise_signal(number)

    def interrupt(self, number: int) -> bool:
        """A signal has arrived: hurry. Returns whether it is held back; then it is raised again later."""
        self.hurry()
        if self._is_held:
            self._put_off = number
        return self._is_held

    def hurry(self, seconds: float = _MOMENT) -> None:
        """A signal is ending the current step: from now on, wait only this long for slow readers."""
        self.ending = True
        for output in (self.stdout, self.stderr):
            if isinstance(output.sink, Descriptor):
                output.sink.hurry(seconds)

    def draw(self, text: str) -> None:
        """Write our own text, escapes included, to standard error. Failures are ignored."""
        try:
            self.stderr.write(text)
        except OSError:
            self.stderr.sink = None

    def status(self, text: str) -> None:
        """Show `text` as the status line, the last line of standard error; "" erases it.

        Other output goes above it. Without redrawing, nothing is shown.
        """
        if not self.redraws:
            return
        with self._lock:
            if not (text or self._status):
                return
            from rich.control import Control
            from rich.segment import ControlType

            from mira_cli.terminal.cells import fit

            self._status = fit(text, max(self.err_width() - 1, 1))
            erase = Control(ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 0))
            self.draw(f"{erase}{self.styled(self._status, 'dim')}")

    @contextmanager
    def without_status(self) -> Iterator[None]:
        """Draw no status line, while we are stopped and others have the terminal."""
        with self._lock:
            self.status("")
            self._suspended = True
            yield

    def resumed(self) -> None:
        """CONT arrived: after a stop, or without one, with the TERM of timeout(1)."""
        self.disturbed = self.disturbed or self._suspended or not self.ending
        self._suspended = False

    def note(self, text: str, *, always: bool = False) -> None:
        """One line on standard error, dim; with `--quiet` only if `always`. Cleaned and redacted."""
        if always or not self.quiet:
            self._say(text, "dim")

    def log(self, text: str) -> None:
        """One line on standard error, dim, with `--verbose` only."""
        if self.verbose:
            self._say(text, "dim")

    def warn(self, text: str) -> None:
        """One line on standard error; not with `--quiet`."""
        if not self.quiet:
            self._say(f"{self.prefix}{text}", "yellow")

    def error(self, message: str, hint: str = "") -> None:
        """The error and its hint on standard error, a line each, folded on a terminal."""
        self._say(f"{self.prefix}{message}", "red")
        if hint:
            self._say(hint)

    def _say(self, text: str, style: str = "") -> None:
        from mira_cli.terminal.sanitize import LONGEST_LINE, clean_line

        line = clean_line(redact(clean_line(text, 4 * LONGEST_LINE)))
        self._line(self.styled(self.folded(line), style))

    def show(self, text: str) -> None:
        """Text from outside on standard error, with all its lines: cleaned and redacted, not folded."""
        from mira_cli.terminal.sanitize import clean

        self._line(clean(redact(text)).rstrip("\n"))

    def question(self, text: str, theme: str = "auto") -> None:
        """Show a question as the input line does: after a `›`, in the accent colour of the theme."""
        from mira_cli.terminal.sanitize import clean

        mark = "› " if self.unicode_err and not self.plain else "> "
        shown = clean(redact(text)).rstrip("\n").replace("\n", "\n  ")
        if not self.stderr.color and self.err_tty and not self.plain:  # NO_COLOR only rules out colours
            shown = _render(shown, "bold")
        self._line(self.styled(mark + shown, accent(theme)))

    def empty_row(self) -> None:
        """An empty row between a question and its reply, on a terminal without --plain."""
        if self.err_tty and not self.plain:
            self._line("")

    def folded(self, text: str) -> str:
        """`text` with its lines broken between words to fit standard error, if that is a terminal."""
        fits = len(text) <= self.err_width() and max(text, default="") < _FIRST_WIDE
        if fits or not self.err_tty or self.plain:
            return text
        from mira_cli.terminal.cells import fold

        return fold(text, self.err_width())

    def styled(self, text: str, style: str) -> str:
        """The text in this style, where standard error has colours."""
        return _render(text, style) if text and style and self.stderr.color else text

    def _line(self, text: str) -> None:
        with self._lock:
            status = self._status
            self.status("")
            self.draw(f"{text}\n")
            self.status(status)

    def width(self) -> int:
        """Columns of standard output."""
        return self.stdout.size()[0]

    def err_width(self) -> int:
        """Columns of standard error."""
        return self.stderr.size()[0]

    @property
    def draws(self) -> bool:
        """Whether replies can be drawn on standard output; a tiny terminal gets plain text."""
        columns, rows = self.stdout.size()
        return self.out_tty and not self.plain and columns >= _NARROWEST and rows >= _LOWEST

    @property
    def redraws(self) -> bool:
        """Whether a status line can be shown on standard error."""
        return self.err_tty and not self.plain and not self.quiet

    @property
    def unicode_err(self) -> bool:
        """Whether standard error can show more than ASCII."""
        return self.stderr.encoding == stdio.UTF8


def _render(text: str, style: str) -> str:
    """Safe text with the escape sequences of a rich style."""
    from rich.color import ColorSystem
    from rich.style import Style

    return Style.parse(style).render(text, color_system=ColorSystem.EIGHT_BIT)


def decide_color(
    when: str,
    env: Mapping[str, str],
    *,
    out_tty: bool,
    err_tty: bool,
    from_flag: bool = False,
    plain: bool = False,
) -> tuple[bool, bool]:
    """Whether to colour the answer, and whether to colour standard error.

    Precedence: `--color`, NO_COLOR, TERM=dumb or `--plain`, FORCE_COLOR or CLICOLOR_FORCE, whether it is a
    terminal. Only the flag `--color always` colours an answer in a pipe. `from_flag`: `when` (auto, always or
    never) came from the flag; a stored setting is overridden by NO_COLOR and TERM=dumb.
    """
    if from_flag and when == "always":
        return True, True
    if when == "never" or env.get("NO_COLOR") or plain or _is_dumb(env, tty=out_tty or err_tty):
        return False, False
    forced = when == "always" or _forced(env)
    return out_tty, err_tty or forced


def _is_dumb(env: Mapping[str, str], *, tty: bool) -> bool:
    """Whether escape sequences are ruled out: TERM is `dumb`, or unset on a terminal.

    Windows has no TERM. Without a terminal it may be unset, as on a build server that sets FORCE_COLOR.
    """
    term = env.get("TERM", "")
    return term == "dumb" or (tty and term in {"", "unknown"} and os.name != "nt")


def _forced(env: Mapping[str, str]) -> bool:
    """Whether the environment asks for colour without a terminal; `0` and `false` don't."""
    return any(
        env.get(name, "").lower() not in {"", "0", "false", "no"}
        for name in ("FORCE_COLOR", "CLICOLOR_FORCE")
    )


def accent(theme: str) -> str:
    """The colour of questions, as rich names it, readable on the theme's background."""
    return _ACCENTS.get(theme, "magenta")
