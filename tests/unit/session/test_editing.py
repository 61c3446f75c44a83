"""A text written in an editor."""

from __future__ import annotations

import tempfile

import pytest

from mira_cli.errors import UsageError
from mira_cli.session.editing import write_in_editor


@pytest.mark.parametrize(("editor", "says"), [("true", "no place"), ("rm", "Cannot use the editor's file ")])
def test_a_file_that_is_not_there(monkeypatch, tmp_path, editor, says):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none" if editor == "true" else tmp_path))
    with pytest.raises(UsageError, match=says) as caught:
        write_in_editor("draft", {"EDITOR": editor, "PATH": "/usr/bin:/bin"})
    assert "No such file" in caught.value.message
    assert list(tmp_path.iterdir()) == []
