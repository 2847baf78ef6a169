"""The strict form of a schema, for providers that hold a model to it token by token.

Their rules (OpenAI's structured outputs): every object lists all its properties as required and
allows no others; what is optional may be null instead; only some keywords are understood, the
others move into the description, where a model reads them. `with_strict_rules` rewrites a schema
so, and `without_stand_ins` undoes its effect on the arguments: a null that only stands for "left
out" is taken away again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from nbagent.errors import ToolSchemaError

__all__ = ["with_strict_rules", "without_stand_ins"]

Node = dict[str, Any]
KEYWORDS = frozenset(
    {
        *("type", "enum", "const", "anyOf", "$ref", "$defs", "description"),
        *("pattern", "format", "items", "minItems", "maxItems", "multipleOf"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    }
)
FORMATS = frozenset(
    ["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"]
)
SAID_OTHERWISE = frozenset(  # by the other keywords, or of no use to a model
    {
        *("properties", "required", "additionalProperties", "prefixItems", "oneOf", "allOf"),
        *("default", "title", "discriminator", "writeOnly", "readOnly"),
        *("contentMediaType", "contentSchema"),
    }
)
NULL: Node = {"type": "null"}
ANYTHING = ("string", "number", "boolean", "null")
NAMES_OF_TYPES: Mapping[type, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    type(None): "null",
    list: "array",
    dict: "object",
}


def with_strict_rules(schema: Mapping[str, Any], tool: str) -> Node:
    """The schema rewritten.

    Raises:
        ToolSchemaError: Something in it has no strict form (an object with free keys).
    """
    return _strict(dict(schema), tool, "its arguments")


def _strict(node: Node, tool: str, where: str) -> Node:
    node = _joined(node)
    result = {key: value for key, value in node.items() if key in KEYWORDS}
    if "$defs" in node:
        result["$defs"] = {n: _strict(d, tool, n) for n, d in node["$defs"].items()}
    if "anyOf" in node:
        result["anyOf"] = [_strict(branch, tool, where) for branch in node["anyOf"]]
    if node.get("type") == "object" or "properties" in node:
        result.update(_object(node, tool, where))
    if node.get("type") == "array":
        result.update(_array(node, tool, where))
    _drop_unknown_text_rules(result)
    _say(result, {k: v for k, v in node.items() if k not in result and k not in SAID_OTHERWISE})
    if "$ref" in result and len(result) > 1:  # a reference must stand alone
        result["anyOf"] = [{"$ref": result.pop("$ref")}]
    if not result.keys() & {"type", "anyOf", "$ref"}:
        result["type"] = _type_of(result)
    return result


def _say(node: Node, rules: Node) -> None:
    """Put rules that the strict form lacks into the words."""
    if rules:
        told = ", ".join(f"{k}: {json.dumps(v, ensure_ascii=False)}" for k, v in rules.items())
        node["description"] = " ".join(filter(None, [node.get("description", ""), f"({told})"]))


def _type_of(node: Node) -> str | list[str]:
    """The types of an enum's values, which pydantic leaves out where they differ."""
    values = node["enum"] if "enum" in node else [node["const"]] if "const" in node else None
    if values is None:
        return list(ANYTHING)
    found = [NAMES_OF_TYPES.get(type(value), "string") for value in values]
    different = list(dict.fromkeys(found))
    return different[0] if len(different) == 1 else different


def _joined(node: Node) -> Node:
    """``oneOf`` is not known, and ``allOf`` with one member only wraps it."""
    node = dict(node)
    if "oneOf" in node:
        node["anyOf"] = node.pop("oneOf")
    if len(node.get("allOf", ())) == 1:
        node = {**node.pop("allOf")[0], **node}
    return node


def _object(node: Node, tool: str, where: str) -> Node:
    if node.get("additionalProperties") or "properties" not in node:
        raise ToolSchemaError(
            f"Tool {tool!r}: strict=True does not allow objects with free keys (dict, **kwargs, "
            f"extra fields), and {where} has one. Use a dataclass or model with named fields or a "
            "list of pairs, or leave strict out."
        )
    required = node.get("required", [])
    properties = {
        name: _property(child, name in required, tool, name)
        for name, child in node["properties"].items()
    }
    return {"properties": properties, "required": list(properties), "additionalProperties": False}


def _property(child: Node, required: bool, tool: str, name: str) -> Node:
    result = _strict(child, tool, f"parameter {name!r}")
    if required:
        return result
    if "default" in child and child["default"] is not None:
        note = f"Default: {json.dumps(child['default'], ensure_ascii=False)} (null stands for it)."
        result["description"] = " ".join(filter(None, [result.get("description", ""), note]))
    return result if _takes_null(result) else _or_null(result)


def _or_null(node: Node) -> Node:
    kinds = [node["type"]] if isinstance(node.get("type"), str) else node.get("type")
    if kinds and "enum" not in node and "const" not in node:
        return {**node, "type": [*kinds, "null"]}
    if "anyOf" in node:
        return {**node, "anyOf": [*node["anyOf"], NULL]}
    outer = {"description": node.pop("description")} if "description" in node else {}
    return {"anyOf": [node, NULL], **outer}


def _takes_null(node: Mapping[str, Any]) -> bool:
    if "anyOf" in node:
        return any(_takes_null(branch) for branch in node["anyOf"])
    if "enum" in node:
        return None in node["enum"]
    kinds = node.get("type", ())
    return "null" in ([kinds] if isinstance(kinds, str) else kinds)


def _array(node: Node, tool: str, where: str) -> Node:
    if "prefixItems" not in node:
        items = node.get("items", {})
        return {"items": _strict(items if isinstance(items, dict) else {}, tool, where)}
    different: list[Node] = []
    for item in node["prefixItems"]:
        strict = _strict(item, tool, where)
        if strict not in different:
            different.append(strict)
    return {"items": different[0] if len(different) == 1 else {"anyOf": different}}


def _drop_unknown_text_rules(node: Node) -> None:
    if node.get("format") not in FORMATS:
        node.pop("format", None)
    if "(?" in node.get("pattern", ""):  # look-around is not in their dialect
        del node["pattern"]


def without_stand_ins(data: Any, plain: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    """The data without the nulls that the strict form put in for what was left out.

    Args:
        data: Decoded arguments, or a part of them.
        plain: The schema of that part, before it was made strict.
        root: The whole schema, for its ``$defs``.
    """
    branch = _branch(_resolved(plain, root), data, root)
    if isinstance(data, list):
        first = branch.get("prefixItems", [])
        rest = [branch.get("items", {})] * (len(data) - len(first))
        pairs = zip(data, [*first, *rest], strict=False)
        return [without_stand_ins(item, _schema(of), root) for item, of in pairs]
    if not isinstance(data, Mapping):
        return data
    children = branch.get("properties", {})
    required = branch.get("required", ())
    return {
        key: without_stand_ins(value, children.get(key, {}), root)
        for key, value in data.items()
        if value is not None
        or key in required
        or key not in children
        or _accepts_null(children[key], root)
    }


def _schema(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}  # `items` may be true or false


def _accepts_null(plain: Mapping[str, Any], root: Mapping[str, Any]) -> bool:
    plain = _resolved(plain, root)
    branches = plain.get("anyOf") or plain.get("oneOf")
    if branches:
        return any(_accepts_null(branch, root) for branch in branches)
    if "enum" in plain:
        return None in plain["enum"]
    return plain.get("type", "null") == "null" and "const" not in plain


def _branch(plain: Mapping[str, Any], data: Any, root: Mapping[str, Any]) -> Mapping[str, Any]:
    """The branch of a union that the data were written to."""
    branches = _branches(plain, root)
    if isinstance(data, Mapping):
        fitting = (branch for branch in branches if _fits(branch, data))
    else:
        fitting = (branch for branch in branches if branch.get("type") == "array")
    return next(fitting, plain)


def _branches(plain: Mapping[str, Any], root: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The branches of a union, also of one inside of another."""
    inner = plain.get("anyOf") or plain.get("oneOf")
    if not inner:
        return [plain]
    return [one for branch in inner for one in _branches(_resolved(branch, root), root)]


def _fits(branch: Mapping[str, Any], data: Mapping[str, Any]) -> bool:
    properties = branch.get("properties", {})
    return data.keys() <= properties.keys() and all(
        data[key] == schema["const"]
        for key, schema in properties.items()
        if key in data and "const" in schema
    )


def _resolved(plain: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    name = str(plain.get("$ref", "")).removeprefix("#/$defs/")
    return root.get("$defs", {}).get(name, plain) if name else plain
