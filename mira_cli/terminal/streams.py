"""Standard input, output and error as one value, and what is known of them; whoever writes does it here."""

from __future__ import annotations

from _thread import RLock  # that of threading, which takes longer to load than this module and all it needs
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from mira_cli.errors import OutputError, ReaderGone
from mira_cli.masking import redact
from mira_cli.terminal import color, stdio
from mira_cli.terminal.stdio import Descriptor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_MOMENT = 0.5  # seconds


class Streams:
    """The three standard streams.

    Build it with `Streams.open(env)`; tests pass BytesIO and facts instead. What the flags say
    comes later, through `configure`.

    Attributes:
        stdin: Text somebody sent, or None for a terminal, another device or a closed descriptor.
        in_tty: Whether a person types on standard input.
        out_tty: Whether standard output is a terminal.
        err_tty: Whether standard error is one.
        env: The environment.
        color: Where colour may be used.
        plain: No animation, no redrawing: `--plain`, TERM=dumb, a terminal without TERM.
        quiet: Only the answer and errors.
        verbose: Requests, retries and timings as well.
        prefix: Written before errors and warnings; a chat sets it to "".
        reported: Whether the last JSON object (a result or an error) has been written.
        lent: How often the terminal was given to another program.
        ending: Whether a signal is ending what is under way; the next reply resets it.
        size: Gives columns and rows of standard output; for what is no terminal COLUMNS and LINES.
        err_size: Gives those of standard error.
    """

    def __init__(
        self,
        stdin: stdio.Source | None = None,
        stdout: stdio.Sink | None = None,
        stderr: stdio.Sink | None = None,
        *,
        in_tty: bool = False,
        out_tty: bool = False,
        err_tty: bool = False,
        env: Mapping[str, str] | None = None,
        out_encoding: str = stdio.UTF8,
        err_encoding: str = stdio.UTF8,
        size: Callable[[], tuple[int, int]] | None = None,
        err_size: Callable[[], tuple[int, int]] | None = None,
    ) -> None:
        self.stdin = stdin
        self.in_tty, self.out_tty, self.err_tty = in_tty, out_tty, err_tty
        self.env: Mapping[str, str] = {"TERM": "xterm"} if env is None else env
        self.quiet = self.verbose = self.reported = False
        self.prefix, self.lent, self.ending = "mira: ", 0, False
        self._stdout, self._out_encoding = stdout, out_encoding
        self._stderr, self._err_encoding = stderr, err_encoding
        self.size = size or (lambda: stdio.size_of(stdio.STDOUT, self.env))
        self.err_size = err_size or (lambda: stdio.size_of(stdio.STDERR, self.env))
        self._status = ""
        self._lock = RLock()  # the waiting line is drawn by a thread of its own
        self.configure()

    @classmethod
    def open(cls, env: Mapping[str, str]) -> Streams:
        """The real ones: file descriptors 0, 1 and 2."""
        return cls(
            stdio.open_source(),
            stdio.open_sink(stdio.STDOUT),
            stdio.open_sink(stdio.STDERR),
            in_tty=stdio.is_terminal(stdio.STDIN),
            out_tty=stdio.is_terminal(stdio.STDOUT),
            err_tty=stdio.is_terminal(stdio.STDERR),
            env=env,
            out_encoding=stdio.encoding_of(stdio.STDOUT),
            err_encoding=stdio.encoding_of(stdio.STDERR),
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
        """Take what the flags and settings say; `when` and `from_flag` as in `color.decide`."""
        tty = self.in_tty or self.out_tty or self.err_tty
        self.plain = plain or color.is_dumb(self.env, tty=tty)
        self.quiet, self.verbose = quiet, verbose
        self.color = color.decide(
            when, self.env, out_tty=self.out_tty, err_tty=self.err_tty, from_flag=from_flag, plain=plain
        )

    def write(self, text: str) -> None:
        """Write exactly `text` to standard output, at once.

        Raises:
            ReaderGone: Nobody reads it any more.
            OutputError: It cannot be written.
            Interrupted: The terminal went away.
        """
        if self._status:
            self.status("")
        if self._stdout is None:
            raise OutputError("Standard output is closed.", hint="Open it, or send it to a file.")
        try:
            self._stdout.write(stdio.encode(text, self._out_encoding))
        except OSError as error:
            raise self._failure(error) from error

    def _failure(self, error: OSError) -> Exception:
        """What to raise when standard output cannot be written."""
        if stdio.is_broken_pipe(error):
            return ReaderGone()
        if self.out_tty and stdio.is_terminal_gone(error):
            return stdio.terminal_gone()
        return OutputError(f"Cannot write to standard output: {error.strerror or error}.")

    def shown(self, text: str) -> str:
        """What a reader of standard output sees of `text`: not all encodings have every character."""
        return stdio.shown(text, self._out_encoding)

    def check_stdout(self) -> None:
        """Find out whether standard output can be written, before anything is paid for. Raises as `write`."""
        self.write("")  # even an empty write fails if it is closed, read-only or /dev/full
        if self.output is not None and stdio.reader_has_left(self.output):
            raise ReaderGone

    @property
    def output(self) -> int | None:
        """The descriptor of standard output if somebody reads it who may leave; None for a terminal."""
        return None if self.out_tty or not isinstance(self._stdout, Descriptor) else self._stdout.number

    def draw(self, text: str) -> None:
        """Write our own text, escapes included, to standard error. That it fails is nobody's concern."""
        if self._stderr is None:
            return
        try:
            self._stderr.write(stdio.encode(text, self._err_encoding))
        except OSError:
            self._stderr = None

    def draw_dim(self, text: str) -> None:
        """Write safe text to standard error, dim, without a line end."""
        with self._lock:
            self.draw(self._styled(text, dim=True))

    def hurry(self, seconds: float = _MOMENT) -> None:
        """A signal is ending what is under way: wait so long at most for readers that sleep."""
        self.ending = True
        for sink in (self._stdout, self._stderr):
            if isinstance(sink, Descriptor):
                sink.hurry(seconds)

    def status(self, text: str) -> None:
        """Show `text` as the passing last line of standard error, in place of the one before; "" erases it.

        Whatever else is written takes the line's place. Nothing is shown where lines cannot be redrawn.
        """
        if not self.redraws:
            return
        with self._lock:
            shown = self._fitted(text)
            if shown or self._status:
                from rich.control import Control
                from rich.segment import ControlType

                erase = Control(ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 0))
                self.draw(f"{erase}{self._styled(shown, dim=True)}")
            self._status = shown

    def _fitted(self, text: str) -> str:
        """As much of a text as fits into a row without its last column."""
        columns = max(self.err_width() - 1, 1)
        if text.isascii() or len(text) * 2 <= columns:
            return text[:columns]
        from mira_cli.terminal.cells import fit

        return fit(text, columns)

    @contextmanager
    def without_status(self) -> Iterator[None]:
        """While others have the terminal: the passing line is erased, and none is drawn."""
        with self._lock:
            self.status("")
            try:
                yield
            finally:
                self.lent += 1

    def note(self, text: str, *, always: bool = False) -> None:
        """One line on standard error, dim; with `--quiet` only if `always`. Cleaned and redacted."""
        if always or not self.quiet:
            self._line(self._styled(self._speak(text), dim=True))

    def log(self, text: str) -> None:
        """One line on standard error, dim, with `--verbose` only."""
        if self.verbose:
            self._line(self._styled(self._speak(text), dim=True))

    def warn(self, text: str) -> None:
        """One line on standard error; not with `--quiet`."""
        if not self.quiet:
            self._line(self._styled(self._speak(f"{self.prefix}{text}"), fg="yellow"))

    def error(self, message: str, hint: str = "") -> None:
        """Two lines on standard error at most, which may be folded: what happened, what to do."""
        self._line(self._styled(self._speak(f"{self.prefix}{message}"), fg="red"))
        if hint:
            self._line(self._speak(hint))

    def show(self, text: str) -> None:
        """Somebody else's text on standard error, with all its lines: cleaned and redacted, not folded."""
        from mira_cli.terminal.sanitize import clean

        self._line(clean(redact(text)).rstrip("\n"))

    def question(self, text: str, theme: str = "auto") -> None:
        """Show a question as the input line leaves it: behind a `›`, in the accent of the theme."""
        from mira_cli.terminal.sanitize import clean

        mark = "› " if self.unicode_err and not self.plain else "> "
        shown = clean(redact(text)).rstrip("\n").replace("\n", "\n  ")
        bold = self.err_tty and not self.plain and not self.color.stderr  # NO_COLOR speaks of colours alone
        shown = f"{mark}{shown}"
        self._line(typer.style(shown, bold=True) if bold else self._styled(shown, fg=color.accent(theme)[0]))

    def empty_row(self) -> None:
        """Leave a row free between a question and its reply; not where a screen reader would read it."""
        if self.err_tty and not self.plain:
            self._line("")

    def folded(self, text: str) -> str:
        """`text` with its lines broken between words to fit standard error, if that is a terminal."""
        if not self.err_tty or self.plain:
            return text
        from mira_cli.terminal.cells import fold

        return fold(text, self.err_width())

    def _speak(self, text: str) -> str:
        from mira_cli.terminal.sanitize import LONGEST_LINE, clean_line

        return self.folded(clean_line(redact(clean_line(text, 4 * LONGEST_LINE))))

    def _styled(self, text: str, *, fg: str | int | None = None, dim: bool | None = None) -> str:
        """The text in a colour or dim, where standard error has colours."""
        return typer.style(text, fg=fg, dim=dim) if text and self.color.stderr else text

    def _line(self, text: str) -> None:
        with self._lock:
            status = self._status
            self.status("")
            self.draw(f"{text}\n")
            self.status(status)

    def width(self) -> int:
        """Columns of standard output."""
        return self.size()[0]

    def err_width(self) -> int:
        """Columns of standard error."""
        return self.err_size()[0]

    @property
    def redraws(self) -> bool:
        """Whether passing lines may be shown on standard error."""
        return self.err_tty and not self.plain and not self.quiet

    @property
    def unicode_err(self) -> bool:
        """Whether standard error can show more than ASCII."""
        return self._err_encoding == stdio.UTF8

    def close(self) -> None:
        """Erase what is passing, and make sure that what was written has arrived. Raises as `write`."""
        self.status("")
        if isinstance(self._stdout, Descriptor):
            try:
                stdio.close_copy(self._stdout.number)
            except OSError as error:
                raise self._failure(error) from error
