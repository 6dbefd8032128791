"""The reference of the HTTP API in Markdown, generated from its OpenAPI document."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from bot.web.forms import PHOTO_FIELD
from bot.web.openapi import Json, openapi_document
from bot.web.parsing import FORM, JSON, PHOTO_FORMATS

COMMAND: Final = "python -m bot api"
BASE_URL: Final = "http://127.0.0.1:8090"
EXAMPLE_IMAGE: Final = "cat.jpg"  # an image of the starter gallery
HEADER: Final = f"""\
# HTTP API

{{description}}

The API is served on `KINDRED_WEB_PORT`, with the key `KINDRED_WEB_KEY` ([settings](SETTINGS.md#web)). Send
the key with each request: `Authorization: Bearer $KINDRED_WEB_KEY`. The examples use `{BASE_URL}`.

A photo ({PHOTO_FORMATS}) can be sent as the field `{PHOTO_FIELD}`
of a form, as the whole body with the other fields in the URL, or as the name of an image of the gallery
in the JSON field `image`.

A running server has the same as an OpenAPI 3.1 document at `/openapi.json`, and a page to try each operation
at `/api`. `/healthz` answers 200 or 503; `/metrics` has Prometheus metrics.

This page is generated: `{COMMAND}` prints it.
"""
LIMITS: Final = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "maxLength": "at most {} characters",
}


class Field(NamedTuple):
    """A field of a request.

    Attributes:
        name: Its name.
        location: Where it goes: "path", "query" or "body".
        schema: Its JSON schema, with the description.
        required: Whether it has to be sent.
    """

    name: str
    location: str
    schema: Json
    required: bool


def api_reference() -> str:
    """Return the page docs/API.md."""
    document = openapi_document(with_key=True)
    operations = [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    schemas = document["components"]["schemas"]
    lines = [HEADER.format(description=document["info"]["description"]), "## Operations", ""]
    lines += _table(
        ["operation", "request", "what it does"],
        (
            [f"[{op['operationId']}](#{op['operationId']})", f"`{method.upper()} {path}`", op["summary"]]
            for path, method, op in operations
        ),
    )
    for path, method, operation in operations:
        lines += _operation(path, method, operation, schemas)
    lines += ["", "## Response objects", ""]
    for name in _response_schemas(operations, schemas):
        lines += [
            f"### {name} object",
            "",
            schemas[name].get("description", ""),
            "",
            *_object(schemas[name]),
            "",
        ]
    return "\n".join([*lines, *_errors(document)]).rstrip()


def _operation(path: str, method: str, operation: Json, schemas: Json) -> Iterator[str]:
    fields = _fields(operation, schemas)
    yield from ("", f"### {operation['operationId']}", "", operation["summary"], "")
    yield from (f"`{method.upper()} {path}`", "")
    if fields:
        yield from _table(["field", "in", "type", "limits", "default", "description"], map(_row, fields))
        yield ""
    yield from ("```sh", _curl(path, method, fields), "```", "")
    ((media_type, content),) = operation["responses"]["200"]["content"].items()
    body = f"[{_ref(content['schema'])}]({_anchor(_ref(content['schema']))})" if content else "a picture"
    errors = ", ".join(status for status in operation["responses"] if status != "200")
    yield f"Responses: 200 with {body} (`{media_type}`); errors {errors}."


def _fields(operation: Json, schemas: Json) -> list[Field]:
    content = operation.get("requestBody", {}).get("content")
    if content is None:
        return [
            Field(
                one["name"],
                one["in"],
                one["schema"] | {"description": one["description"]},
                one["required"],
            )
            for one in operation["parameters"]
        ]
    schema = content[FORM]["schema"] if FORM in content else schemas[_ref(content[JSON]["schema"])]
    required = schema.get("required", [])
    return [Field(name, "body", one, name in required) for name, one in schema["properties"].items()]


def _row(field: Field) -> list[str]:
    schema = field.schema
    default = schema.get("default")
    return [
        f"`{field.name}`" + (" (required)" if field.required else ""),
        field.location,
        _type(schema),
        ", ".join(text.format(schema[limit]) for limit, text in LIMITS.items() if limit in schema),
        f"`{default}`" if default not in (None, "") else "",
        schema.get("description", ""),
    ]


def _curl(path: str, method: str, fields: list[Field]) -> str:
    examples = {field.name: field.schema["examples"][0] for field in fields if field.schema.get("examples")}
    for field in fields:
        if field.location == "path":
            path = path.replace(f"{{{field.name}}}", EXAMPLE_IMAGE)
    arguments = ["curl", f"{BASE_URL}{path}", "-H", "Authorization: Bearer $KINDRED_WEB_KEY"]
    if any(field.name == PHOTO_FIELD for field in fields):
        arguments += ["-F", f"{PHOTO_FIELD}=@{EXAMPLE_IMAGE}"]
        for name, value in examples.items():
            for one in value if isinstance(value, list) else [value]:
                arguments += ["-F", f"{name}={one}"]
    elif method == "post":
        arguments += ["-H", f"Content-Type: {JSON}", "-d", json.dumps(examples)]
    return " ".join(_quoted(argument) for argument in arguments)


def _quoted(argument: str) -> str:
    return f'"{argument}"' if "$" in argument else shlex.quote(argument)


def _response_schemas(operations: list[tuple[str, str, Json]], schemas: Json) -> list[str]:
    """Return the names of all schemas that responses refer to, each once, outer before inner."""
    names: list[str] = []

    def visit(value: Any) -> None:  # noqa: ANN401 - any part of a JSON schema
        if isinstance(value, list):
            for one in value:
                visit(one)
        elif isinstance(value, dict):
            if "$ref" in value and (name := _ref(value)) not in names:
                names.append(name)
                visit(schemas[name])
            for one in value.values():
                visit(one)

    for _, _, operation in operations:
        visit(operation["responses"]["200"]["content"])
    return names


def _object(schema: Json) -> Iterator[str]:
    rows = ([f"`{name}`", _type(one)] for name, one in schema["properties"].items())
    return _table(["field", "type"], rows)


def _errors(document: Json) -> Iterator[str]:
    yield from ("## Errors", "", 'The body of an error is `{"error": "…"}`, one sentence for a person.', "")
    responses = document["components"]["responses"].items()
    yield from _table(["status", "reason"], ([status, one["description"]] for status, one in responses))


def _type(schema: Json) -> str:
    if "$ref" in schema:
        return f"[{_ref(schema)}]({_anchor(_ref(schema))})"
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if schema["type"] == "array":
        return f"array of {_type(schema['items'])}"
    return "file" if "contentMediaType" in schema else str(schema["type"])


def _ref(schema: Json) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _anchor(name: str) -> str:
    return f"#{name.lower()}-object"


def _table(header: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield "|" + "---|" * len(header)
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
