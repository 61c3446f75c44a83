"""Minimal instances of simple schemas."""

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mira_cli.simulator.schema_instance import instance

NODE = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "next": {"$ref": "#/$defs/node"}},
    "required": ["name"],
}


@pytest.mark.parametrize(
    "schema",
    [
        {},
        True,
        {"type": "integer", "maximum": -3},
        {"type": "integer", "exclusiveMaximum": 0},
        {"type": "integer", "exclusiveMinimum": 4},
        {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
        {"oneOf": [{"const": 4}, {"type": "string"}]},
        {"type": ["null", "string"], "minLength": 20},
        {"type": "string", "maxLength": 3},
        {"type": "array", "items": {"type": "string"}, "minItems": 3, "uniqueItems": True},
        {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "boolean"}], "minItems": 2},
        {"enum": ["a", "b"]},
        {"type": "object", "properties": {"a": {"default": 7}}, "additionalProperties": False},
        {
            "allOf": [
                {"type": "object", "required": ["x"]},
                {"required": ["y"], "properties": {"y": {"const": 4}}},
            ]
        },
        {"$ref": "#/$defs/node", "$defs": {"node": NODE}},
        {**NODE, "$defs": {"node": NODE}},
    ],
)
def test_the_instance_fits(schema):
    jsonschema_rs.validate(schema, instance(schema))


def test_at_the_top_all_properties_are_shown():
    schema = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "boolean"}}}
    assert instance(schema) == {"a": "simulated", "b": True}


def test_a_schema_that_refers_to_itself_ends():
    assert instance({"$ref": "#"}) == {}
    assert instance({"anyOf": [{"$ref": "#"}]}) == {}
    assert instance({"allOf": [{"$ref": "#"}] * 3}) == {}


def test_a_huge_minimum_is_bounded():
    assert len(instance({"type": "string", "minLength": 10**9})) == 10_000


WORDS = (
    "type",
    "properties",
    "required",
    "items",
    "minItems",
    "minLength",
    "enum",
    "anyOf",
    "$ref",
    "minimum",
    "const",
)
ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 50)
    | st.sampled_from(["object", "array", "string", "number", "#"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(ANY)
def test_no_schema_breaks_it(schema):
    instance(schema)
