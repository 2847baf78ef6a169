"""The strict form of a schema, for providers that hold a model to it token by token.

Their rules (OpenAI's structured outputs): every object lists all its properties as required and
allows no others; what is optional may be null instead; only some keywords are understood.
`with_strict_rules` rewrites a schema so, and `without_stand_ins` undoes its effect on the
arguments: a null that only stands for "left out" is taken away again.
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
NULL: Node = {"type": "null"}
ANYTHING: Node = {"type": ["string", "number", "boolean", "null"]}


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
    if "$ref" in result and len(result) > 1:  # a reference must stand alone
        result["anyOf"] = [{"$ref": result.pop("$ref")}]
    return result if result.keys() - {"description"} else {**result, **ANYTHING}


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
    if isinstance(node.get("type"), str) and "enum" not in node and "const" not in node:
        return {**node, "type": [node["type"], "null"]}
    if "anyOf" in node:
        return {**node, "anyOf": [*node["anyOf"], NULL]}
    outer = {"description": node.pop("description")} if "description" in node else {}
    return {"anyOf": [node, NULL], **outer}


def _takes_null(node: Mapping[str, Any]) -> bool:
    if "anyOf" in node:
        return any(_takes_null(branch) for branch in node["anyOf"])
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
    plain = _resolved(plain, root)
    if isinstance(data, list) and isinstance(plain.get("items"), Mapping):
        return [without_stand_ins(item, plain["items"], root) for item in data]
    if not isinstance(data, Mapping):
        return data
    branch = _object_branch(plain, data, root)
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


def _accepts_null(plain: Mapping[str, Any], root: Mapping[str, Any]) -> bool:
    plain = _resolved(plain, root)
    branches = plain.get("anyOf") or plain.get("oneOf")
    if branches:
        return any(_accepts_null(branch, root) for branch in branches)
    return plain.get("type", "null") == "null" and "const" not in plain and "enum" not in plain


def _object_branch(
    plain: Mapping[str, Any], data: Mapping[str, Any], root: Mapping[str, Any]
) -> Mapping[str, Any]:
    branches = [_resolved(b, root) for b in plain.get("anyOf") or plain.get("oneOf") or [plain]]
    fitting = (b for b in branches if data.keys() <= b.get("properties", {}).keys())
    return next(fitting, plain)


def _resolved(plain: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    name = str(plain.get("$ref", "")).removeprefix("#/$defs/")
    return root.get("$defs", {}).get(name, plain) if name else plain
