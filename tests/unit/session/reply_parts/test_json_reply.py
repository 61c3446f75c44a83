"""Asking for JSON and checking what came."""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
from contextlib import suppress

import pytest

from mira_cli.errors import MismatchError, UsageError
from mira_cli.session.reply_parts import json_reply as module
from mira_cli.session.reply_parts.json_reply import JsonFormat, open_json_format

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
def schema(tmp_path, monkeypatch):
    """The format that a schema asks for."""
    monkeypatch.setattr(module, "_LONGEST_CHECK", 60)

    def make(value, max_time=None):
        path = tmp_path / "schema.json"
        path.write_text(value if isinstance(value, str) else json.dumps(value))
        return open_json_format(str(path), max_time)

    return make


class TestObject:
    FORMAT = JsonFormat()

    def test_the_request_and_the_question_ask_for_it(self):
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

    @pytest.mark.parametrize(
        ("reply", "message"),
        [
            ('{"a": 1, "a": [1, 2]}', "The reply is not strict JSON: the key 'a' appears twice."),
            ('Sure: {"a": NaN}', "The reply is not strict JSON: NaN is not a JSON number."),
        ],
    )
    def test_what_is_not_strict_is_named(self, schema, reply, message):
        for json_format in (self.FORMAT, schema({"type": "object"})):
            with pytest.raises(MismatchError) as caught:
                json_format.check(reply)
            assert caught.value.message == message

    def test_a_mismatch_quotes_the_first_words(self):
        with pytest.raises(MismatchError) as caught:
            self.FORMAT.check("word\n" * 1000)
        assert caught.value.hint.startswith("It begins: word word")
        assert len(caught.value.hint) < 100
        assert "\n" not in caught.value.hint


class TestSchema:
    def test_the_request_and_the_question_ask_for_it(self, schema):
        json_format = schema(PERSON)
        assert json_format.response_format == {
            "type": "json_schema",
            "json_schema": {"name": "reply", "schema": PERSON},
        }
        assert json.loads(json_format.question("Who?").rpartition("\n\n")[2]) == PERSON

    def test_a_deep_schema_is_not_put_into_the_field(self, schema):
        deep = {"type": "integer"}
        for _ in range(16):
            deep = {"items": deep}
        json_format = schema(deep)
        assert json_format.response_format == {"type": "json_object"}
        assert json.dumps(deep, separators=(",", ":")) in json_format.question("Who?")
        assert schema(deep["items"]).response_format["type"] == "json_schema"

    def test_a_value_that_fits(self, schema):
        assert schema(PERSON).check('{"name": "Ann", "age": 7}').value == {
            "name": "Ann",
            "age": 7,
        }
        assert schema({"type": "array"}).check("Here: [1]").value == [1]
        assert schema(True).check("42").value == 42

    @pytest.mark.parametrize(
        ("value", "path"),
        [({"name": "Ann", "age": -1}, "$.age: -1"), ({"age": 1}, '$: "name"'), ([], "$: [] is not of type")],
    )
    def test_a_mismatch_names_the_path(self, schema, value, path):
        with pytest.raises(MismatchError) as caught:
            schema(PERSON).check(json.dumps(value))
        assert path in caught.value.message
        assert "It begins: " in caught.value.hint

    def test_a_long_problem_is_cut(self, schema):
        with pytest.raises(MismatchError) as caught:
            schema(PERSON).check(json.dumps({"name": "x\n" * 1000, "age": list(range(1000))}))
        assert len(caught.value.message) < 400
        assert "\n" not in caught.value.message

    def test_a_number_beyond_floats_is_a_mismatch(self, schema):
        with pytest.raises(MismatchError):
            schema({"multipleOf": 3}).check("1e400")

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
    def test_a_file_that_is_not_a_usable_schema(self, schema, value):
        with pytest.raises(UsageError, match=r"schema\.json is not a usable JSON Schema") as caught:
            schema(value)
        assert caught.value.exit_code == 2

    def test_references_to_other_files_are_not_followed(self, schema):
        with pytest.raises(UsageError, match=r"JSON Schema: Resource 'other\.json' is not in the file\."):
            schema({"$ref": "other.json"})

    def test_a_schema_that_refers_to_itself_ends(self, schema):
        assert schema({"$ref": "#"}).check("{}").value == {}

    @pytest.mark.parametrize(
        "pattern", ["^(a+)+$", r"^(a+)+\1$", r"^(?=(a|a)*b)(\w+\s?)*$\1", "^(([a-z])+.)+[A-Z]([a-z])+$"]
    )
    def test_a_pattern_with_nested_repeats_ends(self, schema, pattern):
        for json_format in (
            schema({"type": "string", "pattern": pattern}),
            schema({"patternProperties": {pattern: False}, "additionalProperties": False}),
        ):
            with pytest.raises(MismatchError):
                json_format.check(
                    json.dumps("a" * 200 + "!" if "type" in json_format.schema else {"a" * 200 + "!": 1})
                )

    def test_a_recursive_schema_that_takes_exponential_time_ends(self, schema):
        value = 1
        for _ in range(60):
            value = {"a": value}
        with pytest.raises(MismatchError, match=r"it can't be checked within 0\.5 s and 1 GB of memory"):
            schema(EXPLODING, 0.5).check(json.dumps(value))
        assert schema(EXPLODING).check(json.dumps({"a": {"a": None}})).value

    def test_a_check_has_a_memory_limit(self, schema):
        value = 1
        for _ in range(60):
            value = {"a": value}
        with pytest.raises(MismatchError, match="it can't be checked"):
            schema(EXPLODING).check(json.dumps(value))
        assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss <= 1 << 20  # KB

    def test_a_module_in_the_working_directory_is_not_loaded(self, schema, tmp_path, monkeypatch):
        (tmp_path / "jsonschema_rs.py").write_text("raise SystemExit(3)")
        monkeypatch.chdir(tmp_path)
        assert schema(PERSON).check('{"name": "Ann"}').value

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

    def test_a_mismatch_names_the_nearest_of_several_schemas(self, schema):
        item = {"type": "object", "properties": {"size": {"type": "integer"}}, "required": ["size"]}
        json_format = schema({"type": "array", "items": {"anyOf": [{"type": "null"}, item]}})
        with pytest.raises(MismatchError, match=re.escape('$[0].size: "x" is not of type "integer"')):
            json_format.check('[{"size": "x"}]')

    def test_a_value_without_end(self, schema):
        json_format = schema({"type": "object", "additionalProperties": {"$ref": "#"}})
        assert json_format.check('{"a": {}}').value == {"a": {}}
        for depth in (900, 100_000):
            with suppress(MismatchError):
                json_format.check('{"a": ' * depth + "{}" + "}" * depth)
        with pytest.raises(MismatchError, match="The reply is nested too deeply"):
            json_format.check('{"a": ' * 100_000)

    def test_a_schema_of_almost_any_depth_is_used(self, schema):
        deep = "[" * 199 + "]" * 199
        json_format = schema(f'{{"const": {deep}}}')
        assert json_format.response_format == {"type": "json_object"}
        for depth in (400, 100_000):
            with suppress(UsageError):
                schema('{"items":' * depth + "{}" + "}" * depth)

    @pytest.mark.parametrize(
        "draft",
        ["http://json-schema.org/draft-04/schema#", "http://json-schema.org/draft-07/schema#", "urn:unknown"],
    )
    def test_a_schema_of_an_older_draft_holds(self, schema, draft):
        old = {
            "$schema": draft,
            "definitions": {"n": {"type": "integer"}},
            "items": {"$ref": "#/definitions/n"},
        }
        assert schema(old).check("[1]").value == [1]
        with pytest.raises(MismatchError, match=r"\$\[0\]"):
            schema(old).check('["a"]')

    def test_references_by_id_within_the_schema(self, schema):
        inner = {"$id": "https://example.org/n", "type": "integer"}
        outer = {"$id": "https://example.org/s", "items": {"$ref": "n"}, "$defs": {"n": inner}}
        assert schema(outer).check("[1]").value == [1]

    def test_files_that_cannot_be_read(self, tmp_path):
        for path in (tmp_path / "missing.json", tmp_path):
            with pytest.raises(UsageError, match="Cannot read the schema"):
                open_json_format(str(path), None)
        (tmp_path / "bytes.json").write_bytes(b"\xff{}")
        with pytest.raises(UsageError, match="not UTF-8"):
            open_json_format(str(tmp_path / "bytes.json"), None)

    def test_without_the_extra_a_schema_says_what_to_install(self, tmp_path):
        program = (
            "import sys; sys.modules['jsonschema_rs'] = None\n"
            "from mira_cli.errors import UsageError\n"
            "from mira_cli.session.reply_parts.json_reply import open_json_format\n"
            "try: open_json_format(sys.argv[1], None)\n"
            "except UsageError as error: print(error.message)"
        )
        run = subprocess.run(
            [sys.executable, "-c", program, tmp_path / "s.json"], capture_output=True, text=True, check=True
        )
        assert run.stdout == "--schema needs jsonschema: pip install 'mira-cli[schema]'\n"
