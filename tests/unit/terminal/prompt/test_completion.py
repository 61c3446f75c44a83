import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from mira_cli.terminal.prompt.completion import CommandCompleter, is_command

VALUES = {"/model": ["mira", "Mira-Pro"], "/set": ["theme"], "/set theme": ["dark", "light"]}
COMMANDS = [("/model", "Change the model."), ("/set", "Change a setting."), ("/save", "Save.")]


def words(before):
    if not before:
        return COMMANDS
    return None if before.startswith("/save") else [(word, "") for word in VALUES.get(before, [])]


def complete(text, *, tab=True):
    event = CompleteEvent(completion_requested=tab, text_inserted=not tab)
    return [one.text for one in CommandCompleter(words).get_completions(Document(text), event)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/", ["/model", "/set", "/save"]),
        ("/s", ["/set", "/save"]),
        ("/x", []),
        ("//s", []),
        ("s", []),
        ("", []),
        ("/model ", ["mira", "Mira-Pro"]),
        ("/model mira-", ["Mira-Pro"]),
        ("/set ", ["theme"]),
        ("/set theme l", ["light"]),
        ("/set nothing ", []),
        ("/etc/hosts is", []),
        ("/s\n", []),
    ],
)
def test_commands_and_values(text, expected):
    assert complete(text) == expected


def test_paths_are_looked_for_on_tab_alone(tmp_path):
    tmp_path = tmp_path / "place"
    tmp_path.mkdir()
    (tmp_path / "one").mkdir()
    (tmp_path / "only.txt").touch()
    (tmp_path / ".hidden").touch()
    (tmp_path / "odd\x1b[31m").touch()
    assert complete(f"/save {tmp_path}/", tab=False) == []
    assert complete(f"/save {tmp_path}/") == ["one/", "only.txt"]
    assert complete(f"/save {tmp_path}/.h") == ["idden"]  # what is missing
    assert complete(f"/save {tmp_path}/none/x") == []


def test_paths_begin_at_home_too(tmp_path, monkeypatch):
    (tmp_path / "notes").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    assert "tes/" in complete("/save ~/no")


@pytest.mark.parametrize("text", ["/", "/model x", "/ x"])
def test_what_may_be_a_command(text):
    assert is_command(text)


@pytest.mark.parametrize("text", ["", "x", "//", "/a\nb"])
def test_other_text_is_no_command(text):
    assert not is_command(text)
