"""Every option of the API that is a setting reaches the request, and the key of a batch row."""

import json
from dataclasses import fields, replace

import pytest

from mira_cli.api.request import encode
from mira_cli.conversation.message import Message, Options, Request
from mira_cli.session.batch.rows import Defaults
from mira_cli.session.opening import options_from
from mira_cli.settings.resolve import resolve

VALUES = {
    "model": "mira-max",
    "temperature": "0.5",
    "top_p": "0.25",
    "max_tokens": "7",
    "stop": "END",
    "fold_system": "true",
}
MESSAGES = (Message("system", "Be brief."), Message("user", "Hi"))


def options(tmp_path, **values):
    settings = resolve({}, {"MIRA_CONFIG_DIR": str(tmp_path)})
    for name, value in values.items():
        settings = settings.with_value(name, value)
    return options_from(settings)


def test_all_of_them_are_here():
    assert set(VALUES) == {field.name for field in fields(Options)} - {"response_format"}


@pytest.mark.parametrize("name", VALUES)
def test_an_option_reaches_the_request_and_the_key_of_a_row(name, tmp_path):
    usual, changed = options(tmp_path), options(tmp_path, **{name: VALUES[name]})
    assert changed == replace(usual, **{name: getattr(changed, name)})
    assert encode(Request(MESSAGES, changed)) != encode(Request(MESSAGES, usual))
    if name != "fold_system":
        assert name in json.loads(encode(Request(MESSAGES, changed)))
    keys = {Defaults("", how).key(1, "Hi", "", how) for how in (usual, changed)}
    assert len(keys) == 2
