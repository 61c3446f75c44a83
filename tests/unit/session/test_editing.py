"""A text written in an editor."""

from __future__ import annotations

import tempfile

import pytest

from mira_cli.errors import ConfigError, UsageError
from mira_cli.session.editing import edit_file, write_in_editor


@pytest.fixture
def home(tmp_path):
    """A home directory with an editor in bin/ and in a directory with a space; each appends its arguments."""
    for place in ("bin", "my bin"):
        editor = tmp_path / place / "ed"
        editor.parent.mkdir()
        editor.write_text('#!/bin/sh\nfor last; do :; done\nprintf "%s\\n" "$#" "$1" >> "$last"\n')
        editor.chmod(0o755)
    return tmp_path


@pytest.mark.parametrize(
    ("editor", "written"),
    [
        ("~/bin/ed", "1\n{path}"),
        ("$HOME/bin/ed", "1\n{path}"),
        ("${HOME}/bin/ed --wait", "2\n--wait"),
        ("{home}/bin/ed '-c 1' --wait", "3\n-c 1"),
        ("'{home}/my bin/ed'", "1\n{path}"),
        ('"$HOME/my bin/ed" -w', "2\n-w"),
        ("{home}/my\\ bin/ed", "1\n{path}"),
        ("VAR=1 ~/bin/ed", "1\n{path}"),
    ],
)
@pytest.mark.parametrize("variable", ["VISUAL", "EDITOR"])
def test_the_command_is_read_as_git_reads_it(home, editor, written, variable):
    path = home / "a file.txt"
    path.touch()
    edit_file(
        str(path), {variable: editor.replace("{home}", str(home)), "HOME": str(home), "PATH": "/usr/bin:/bin"}
    )
    assert path.read_text() == written.replace("{path}", str(path)) + "\n"


@pytest.mark.parametrize(
    ("editor", "told"),
    [
        ("no-such-editor", "Cannot start the editor 'no-such-editor': No such file or directory."),
        (
            "no-such-editor --wait",
            "Cannot start the editor 'no-such-editor --wait': No such file or directory.",
        ),
        ("~/no-such-editor", "The editor '~/no-such-editor' was not found."),
        ("'unclosed", "Cannot start the editor ''unclosed': No closing quotation."),
        ("false", "The editor 'false' exited with code 1."),
    ],
)
def test_an_editor_that_fails_is_named(tmp_path, editor, told):
    with pytest.raises(ConfigError) as caught:
        edit_file(str(tmp_path / "x"), {"EDITOR": editor, "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"})
    assert caught.value.message == told


def test_a_bom_of_the_editor_is_dropped(tmp_path):
    editor = tmp_path / "ed"
    editor.write_text("#!/bin/sh\nprintf '\\357\\273\\277question \\357\\273\\277\\n' > \"$1\"\n")
    editor.chmod(0o755)
    assert write_in_editor("draft", {"EDITOR": str(editor), "PATH": "/usr/bin:/bin"}) == "question \ufeff"


@pytest.mark.parametrize(
    ("editor", "says"), [("true", "temporary file"), ("rm", "Cannot use the editor's file ")]
)
def test_a_file_that_is_not_there(monkeypatch, tmp_path, editor, says):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none" if editor == "true" else tmp_path))
    with pytest.raises(UsageError, match=says) as caught:
        write_in_editor("draft", {"EDITOR": editor, "PATH": "/usr/bin:/bin"})
    assert "No such file" in caught.value.message
    assert list(tmp_path.iterdir()) == []
