"""The OpenAPI 3.1 document, made from the operations and from the types of questions and answers."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from bot.web.auth import SCHEME
from bot.web.errors import STATUSES, Problem
from bot.web.operations import OPERATIONS, Operation
from bot.web.parsing import FORM, JSON, PHOTO, PHOTO_TYPES

Json = dict[str, Any]

VERSION: Final = "1"
SCHEMAS: Final = "#/components/schemas/"
KEY: Final = "key"
ALWAYS: Final = (400, 401, 403, 429, 503)  # what any operation may be refused with
ABOUT: Final = (
    "One neural network that captions photos, finds kindred ones, and knows what words mean. "
    "Photos are held in memory while they are answered and never kept. "
    "Every refusal is one sentence: {“error”: “…”}."
)


def document(*, with_key: bool) -> Json:
    """Describe every operation; `with_key` tells whether this server asks for one."""
    references, definitions = _schemas()
    paths: Json = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(
            operation, references, definitions
        )
    return {
        "openapi": "3.1.0",
        "info": {"title": "Kindred", "version": VERSION, "description": ABOUT},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": definitions,
            "responses": {str(status): _problem(status) for status in STATUSES},
            "securitySchemes": {KEY: {"type": "http", "scheme": SCHEME.lower()}},
        },
        "security": [{KEY: []}] if with_key else [{}],
    }


def _schemas() -> tuple[dict[type, Json], Json]:
    """References to the schemas of questions and answers, and the schemas by name."""
    kinds: list[tuple[type, JsonSchemaMode, TypeAdapter[Any]]] = [
        (kind, "validation" if issubclass(kind, BaseModel) else "serialization", TypeAdapter(kind))
        for kind in _types()
    ]
    found, rest = TypeAdapter.json_schemas(kinds, ref_template=SCHEMAS + "{model}")
    definitions = rest["$defs"]
    for schema in definitions.values():  # a docstring's first paragraph is for people
        if "description" in schema:
            schema["description"] = schema["description"].partition("\n\n")[0]
    return {kind: schema for (kind, _), schema in found.items()}, definitions


def _types() -> list[type]:
    asked = [operation.asks for operation in OPERATIONS]
    answered = [operation.answers for operation in OPERATIONS if not isinstance(operation.answers, str)]
    return list(dict.fromkeys([*asked, *answered, Problem]))


def _operation(operation: Operation, references: dict[type, Json], definitions: Json) -> Json:
    question = definitions[operation.asks.__name__]
    described: Json = {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": _parameters(operation, question),
        "responses": _responses(operation, references),
    }
    if operation.method == "POST":
        described["requestBody"] = _body(operation, references[operation.asks], question)
    return described


def _parameters(operation: Operation, question: Json) -> list[Json]:
    """Fields that go into the address; beside a photo that is sent as it is, there is no other place."""
    if operation.method == "POST" and not operation.takes_photo:
        return []
    return [
        {
            "name": name,
            "in": "path" if f"{{{name}}}" in operation.path else "query",
            "required": f"{{{name}}}" in operation.path,
            "description": schema.get("description", ""),
            "schema": {key: value for key, value in schema.items() if key != "description"},
        }
        for name, schema in question.get("properties", {}).items()
    ]


def _body(operation: Operation, reference: Json, question: Json) -> Json:
    content: Json = {JSON: {"schema": reference}}
    if operation.takes_photo:
        photo = {"type": "string", "contentMediaType": "image/*", "description": "JPEG, PNG or WebP."}
        properties = {PHOTO: photo, **question.get("properties", {})}
        content[FORM] = {"schema": {**question, "properties": properties, "title": "With a photo"}}
        content |= {kind: {} for kind in PHOTO_TYPES}
    return {"content": content, "required": True}


def _responses(operation: Operation, references: dict[type, Json]) -> Json:
    if isinstance(operation.answers, str):
        answer: Json = {operation.answers: {}}
    else:
        answer = {JSON: {"schema": references[operation.answers]}}
    refusals = STATUSES if operation.method == "POST" else {*ALWAYS, 404}
    return {
        "200": {"description": HTTPStatus.OK.phrase, "content": answer},
        **{str(status): {"$ref": f"#/components/responses/{status}"} for status in sorted(refusals)},
    }


def _problem(status: int) -> Json:
    return {
        "description": STATUSES[status],
        "content": {JSON: {"schema": {"$ref": SCHEMAS + Problem.__name__}}},
    }
