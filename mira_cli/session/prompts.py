"""Saved prompts: system prompts kept by name, each a text file `prompts/NAME.md` in the config directory."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mira_cli.errors import OutputError, TooLargeError, UsageError
from mira_cli.settings import files, paths
from mira_cli.settings.parse import nearest
from mira_cli.terminal.reading import read_text_file
from mira_cli.terminal.result import as_line
from mira_cli.terminal.sanitize import clean
from mira_cli.terminal.table import write_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.terminal.streams import Streams

_NAME = re.compile(r"[\w-]{1,60}")  # four bytes each fit in the name of a file
LIST_HINT = "List them with: mira prompts list"


def names(found: paths.Paths) -> list[str]:
    """The names of all saved prompts, sorted; none where the directory cannot be read."""
    try:
        files_there = list(Path(found.prompts_dir).iterdir()) if found.prompts_dir else []
    except OSError:
        return []
    return sorted(path.stem for path in files_there if path.suffix == ".md" and _NAME.fullmatch(path.stem))


def listed(found: paths.Paths, streams: Streams) -> list[tuple[str, str]]:
    """The names of all saved prompts, each with its first line, or the error in parentheses."""
    rows = []
    for name in names(found):
        try:
            line = read(found, name, streams).strip().partition("\n")[0].rstrip()
        except (UsageError, TooLargeError) as error:
            line = f"({error.message.removesuffix('.')})"
        rows.append((name, line))
    return rows


def read(found: paths.Paths, name: str, streams: Streams, *, hint: str = LIST_HINT) -> str:
    """The text of a saved prompt, without trailing newlines.

    Raises:
        UsageError: There is no such prompt (with this hint), or it cannot be read.
    """
    return read_text_file(str(_existing(found, name, hint)), streams).rstrip("\r\n")


def show_list(streams: Streams, env: Mapping[str, str], *, as_json: bool) -> None:
    """Print the name and first line of each prompt, as a table or as JSON."""
    found = paths.locate(env)
    rows = listed(found, streams)
    if as_json:
        prompts = [{"name": name, "first_line": line, "path": str(_path(found, name))} for name, line in rows]
        streams.write(as_line({"prompts": prompts}))
    else:
        write_table(streams, rows)
    if not rows:
        streams.note("There are no prompts yet. Write one with: mira prompts edit NAME")


def show(streams: Streams, env: Mapping[str, str], name: str) -> None:
    """Print a prompt, sanitised on a terminal."""
    text = read(paths.locate(env), name, streams)
    streams.write((clean(text) if streams.out_tty else text) + "\n")


def edit(streams: Streams, env: Mapping[str, str], name: str) -> None:
    """Open a prompt in the user's editor. A new one is only kept if it isn't empty."""
    from mira_cli.session.editing import edit_file

    found = paths.locate(env)
    path = _path(found, name)
    files.make_directory(found.prompts_dir)
    is_new = not path.exists()
    if is_new:
        files.write(str(path), b"")
    try:
        edit_file(str(path), env)
    finally:
        if is_new and path.exists() and path.stat().st_size == 0:
            path.unlink()
    if not path.exists():
        streams.note("Nothing was saved.")
    elif is_new:
        streams.note(f"Saved {path}. Use it with: mira ask -p {name}")


def remove(streams: Streams, env: Mapping[str, str], name: str) -> int:
    """Remove a prompt; on a terminal, ask first. The exit code is 1 if the person said no.

    Raises:
        OutputError: It cannot be removed.
    """
    path = _existing(paths.locate(env), name)
    if streams.in_tty:
        from mira_cli.terminal.prompt import tty

        before = tty.attributes()
        if before is not None:  # text typed before the question doesn't answer it
            tty.read_waiting(before)
            tty.set_attributes(before)
        streams.draw(f"Remove the prompt {name}? (y/N) ")
        if sys.stdin.readline().strip().casefold() not in {"y", "yes"}:
            streams.note("Not removed.")
            return 1
    try:
        path.unlink()
    except OSError as error:
        raise OutputError(f"Cannot remove {path}: {error.strerror}.") from error
    return 0


def _existing(found: paths.Paths, name: str, hint: str = LIST_HINT) -> Path:
    """The file of an existing prompt. Raises UsageError if there is none of that name."""
    path = _path(found, name)
    if not path.exists():
        near = nearest(name, tuple(names(found)))
        raise UsageError(f"No prompt '{name}'." + (f" Did you mean '{near}'?" if near else ""), hint=hint)
    return path


def _path(found: paths.Paths, name: str) -> Path:
    """The file of a prompt. Raises UsageError if the name is invalid, ConfigError if there is no home."""
    if not _NAME.fullmatch(name):
        raise UsageError(f"'{name}' can't name a prompt.", hint="Use up to 60 letters, digits, - and _.")
    return Path(paths.in_home(found.prompts_dir), f"{name}.md")
