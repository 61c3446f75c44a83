"""Asking for JSON and checking what came."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from mira_cli.errors import MismatchError, UsageError
from mira_cli.session.reply_parts.json_reply import JsonFormat
from mira_cli.session.reply_parts.schema import load_schema

PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"$ref": "#/$defs/age"}},
    "required": ["name"],
    "$defs": {"age": {"type": "integer", "minimum": 0}},
}

_NODE = {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}
EXPLODING = {"anyOf": [_NODE, {**_NODE, "maxProperties": 3}, {"type": "null"}]}
"""Errors double with each level of a value."""


@pytest.fixture
def schema(tmp_path):
    def make(value, time_limit=60):
        path = tmp_path / "schema.json"
        path.write_text(value if isinstance(value, str) else json.dumps(value))
        return load_schema(str(path), time_limit=time_limit)

    return make


class TestObject:
    FORMAT = JsonFormat()

    def test_asks(self):
        assert self.FORMAT.response_format == {"type": "json_object"}
        question = self.FORMAT.question("List the planets.")
        assert question.startswith("List the planets.\n\n")
        assert "JSON" in question

    def test_an_object_is_good(self):
        assert self.FORMAT.check('Sure: {"a": 1}').text == '{"a": 1}'

    @pytest.mark.parametrize(
        ("reply", "why"), [("No.", "not JSON"), ("[1]", "not an object"), ("7", "not an object")]
    )
    def test_anything_else_is_a_mismatch(self, reply, why):
        with pytest.raises(MismatchError, match=why) as caught:
            self.FORMAT.check(reply)
        assert caught.value.partial == reply
        assert caught.value.hint == f"It begins: {reply}"
        assert caught.value.exit_code == 9
        again = self.FORMAT.again(caught.value)
        assert caught.value.message in again
        assert "JSON" in again

    def test_of_a_long_reply_the_first_words_are_said(self):
        with pytest.raises(MismatchError) as caught:
            self.FORMAT.check("word\n" * 1000)
        assert caught.value.hint.startswith("It begins: word word")
        assert len(caught.value.hint) < 100
        assert "\n" not in caught.value.hint


class TestSchema:
    def test_asks(self, schema):
        json_format = JsonFormat(schema(PERSON))
        assert json_format.response_format == {
            "type": "json_schema",
            "json_schema": {"name": "reply", "schema": PERSON},
        }
        assert json.loads(json_format.question("Who?").rpartition("\n\n")[2]) == PERSON

    def test_a_deep_schema_is_not_put_into_the_field(self, schema):
        deep = {"type": "integer"}
        for _ in range(16):
            deep = {"items": deep}
        json_format = JsonFormat(schema(deep))
        assert json_format.response_format == {"type": "json_object"}
        assert json.dumps(deep, separators=(",", ":")) in json_format.question("Who?")
        assert JsonFormat(schema(deep["items"])).response_format["type"] == "json_schema"

    def test_a_value_that_fits(self, schema):
        assert JsonFormat(schema(PERSON)).check('{"name": "Ann", "age": 7}').value == {
            "name": "Ann",
            "age": 7,
        }
        assert JsonFormat(schema({"type": "array"})).check("Here: [1]").value == [1]
        assert JsonFormat(schema(True)).check("42").value == 42

    @pytest.mark.parametrize(
        ("value", "path"),
        [({"name": "Ann", "age": -1}, "$.age: -1"), ({"age": 1}, '$: "name"'), ([], "$: [] is not of type")],
    )
    def test_a_value_that_does_not_fit_is_told_by_its_path(self, schema, value, path):
        with pytest.raises(MismatchError) as caught:
            JsonFormat(schema(PERSON)).check(json.dumps(value))
        assert path in caught.value.message
        assert "It begins: " in caught.value.hint

    def test_a_long_problem_is_cut(self, schema):
        with pytest.raises(MismatchError) as caught:
            JsonFormat(schema(PERSON)).check(json.dumps({"name": "x\n" * 1000, "age": list(range(1000))}))
        assert len(caught.value.message) < 400
        assert "\n" not in caught.value.message

    def test_a_number_beyond_floats_is_a_mismatch(self, schema):
        with pytest.raises(MismatchError):
            JsonFormat(schema({"multipleOf": 3})).check("1e400")

    @pytest.mark.parametrize(
        "value",
        [
            "",
            "{",
            "# schema",
            "[]",
            "7",
            {"type": "no such type"},
            {"properties": 1},
            {"pattern": "["},
            {"$ref": "#/$defs/missing"},
            {"items": {"$ref": "http://127.0.0.1:1/schema.json"}},
            {"$ref": "file:///etc/passwd"},
            {"$ref": "other.json"},
            {"type": "object", "$schema": 7},
        ],
        ids=range(13),
    )
    def test_a_file_that_is_no_usable_schema(self, schema, value):
        with pytest.raises(UsageError, match=r"schema\.json is not a usable JSON Schema") as caught:
            schema(value)
        assert caught.value.exit_code == 2

    def test_a_schema_that_refers_to_itself_ends(self, schema):
        assert JsonFormat(schema({"$ref": "#"})).check("{}").value == {}

    @pytest.mark.parametrize(
        "pattern", ["^(a+)+$", r"^(a+)+\1$", r"^(?=(a|a)*b)(\w+\s?)*$\1", "^(([a-z])+.)+[A-Z]([a-z])+$"]
    )
    def test_a_pattern_with_nested_repeats_ends(self, schema, pattern):
        for json_format in (
            JsonFormat(schema({"type": "string", "pattern": pattern})),
            JsonFormat(schema({"patternProperties": {pattern: False}, "additionalProperties": False})),
        ):
            with pytest.raises(MismatchError):
                json_format.check(
                    json.dumps(
                        "a" * 200 + "!" if "type" in json_format.schema.value else {"a" * 200 + "!": 1}
                    )
                )

    def test_a_recursive_schema_that_takes_exponential_time_ends(self, schema):
        value = 1
        for _ in range(60):
            value = {"a": value}
        with pytest.raises(MismatchError, match=r"it can't be checked within 0\.5 s"):
            JsonFormat(schema(EXPLODING, 0.5)).check(json.dumps(value))
        assert JsonFormat(schema(EXPLODING)).check(json.dumps({"a": {"a": None}})).value

    def test_a_module_in_the_working_directory_is_not_loaded(self, schema, tmp_path, monkeypatch):
        (tmp_path / "jsonschema_rs.py").write_text("raise SystemExit(3)")
        monkeypatch.chdir(tmp_path)
        assert JsonFormat(schema(PERSON)).check('{"name": "Ann"}').value

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ('{"type": "object", "type": "array"}', "it is not strict JSON: the key 'type' appears twice"),
            ('{"maximum": NaN}', "it is not strict JSON: NaN is not a JSON number"),
            ('{"type": }', "it is not JSON (Expecting value at character 10)"),
        ],
    )
    def test_a_file_that_is_not_strict_json(self, schema, text, why):
        with pytest.raises(UsageError, match=re.escape(f"is not a usable JSON Schema: {why}.")):
            schema(text)

    def test_of_several_schemas_the_nearest_is_told(self, schema):
        item = {"type": "object", "properties": {"size": {"type": "integer"}}, "required": ["size"]}
        json_format = JsonFormat(schema({"type": "array", "items": {"anyOf": [{"type": "null"}, item]}}))
        with pytest.raises(MismatchError, match=re.escape('$[0].size: "x" is not of type "integer"')):
            json_format.check('[{"size": "x"}]')

    def test_a_value_without_end(self, schema):
        json_format = JsonFormat(schema({"type": "object", "additionalProperties": {"$ref": "#"}}))
        assert json_format.check('{"a": {}}').value == {"a": {}}
        with pytest.raises(MismatchError, match="nested too deeply to be checked"):
            json_format.check('{"a": ' * 900 + "{}" + "}" * 900)

    def test_a_schema_of_almost_any_depth_is_used(self, schema):
        deep = "[" * 199 + "]" * 199
        json_format = JsonFormat(schema(f'{{"const": {deep}}}'))
        assert json_format.response_format == {"type": "json_object"}
        with pytest.raises(UsageError, match="nested too deeply"):
            schema(f'{{"const": [{deep}]}}')

    @pytest.mark.parametrize(
        "draft",
        ["http://json-schema.org/draft-04/schema#", "http://json-schema.org/draft-07/schema#", "urn:unknown"],
    )
    def test_older_drafts(self, schema, draft):
        old = {
            "$schema": draft,
            "definitions": {"n": {"type": "integer"}},
            "items": {"$ref": "#/definitions/n"},
        }
        assert JsonFormat(schema(old)).check("[1]").value == [1]
        with pytest.raises(MismatchError, match=r"\$\[0\]"):
            JsonFormat(schema(old)).check('["a"]')

    def test_references_by_id_within_the_schema(self, schema):
        inner = {"$id": "https://example.org/n", "type": "integer"}
        outer = {"$id": "https://example.org/s", "items": {"$ref": "n"}, "$defs": {"n": inner}}
        assert JsonFormat(schema(outer)).check("[1]").value == [1]

    def test_files_that_cannot_be_read(self, tmp_path):
        for path in (tmp_path / "missing.json", tmp_path):
            with pytest.raises(UsageError, match="Cannot read the schema"):
                load_schema(str(path), time_limit=60)
        (tmp_path / "bytes.json").write_bytes(b"\xff{}")
        with pytest.raises(UsageError, match="not UTF-8"):
            load_schema(str(tmp_path / "bytes.json"), time_limit=60)

    def test_without_the_extra(self, tmp_path):
        program = (
            "import sys; sys.modules['jsonschema_rs'] = None\n"
            "from mira_cli.errors import UsageError\n"
            "from mira_cli.session.reply_parts.schema import load_schema\n"
            "try: load_schema(sys.argv[1], time_limit=1)\n"
            "except UsageError as error: print(error.message)"
        )
        run = subprocess.run(
            [sys.executable, "-c", program, tmp_path / "s.json"], capture_output=True, text=True, check=True
        )
        assert run.stdout == "--schema needs jsonschema: pip install 'mira-cli[schema]'\n"
