"""The OpenAPI 3.1 document, generated from the operations and their request and response models."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from bot.web.auth import AUTH_SCHEME
from bot.web.errors import STATUS_DESCRIPTIONS, Problem
from bot.web.forms import PHOTO_FIELD
from bot.web.operations import OPERATIONS, Operation
from bot.web.parsing import FORM, JSON, PHOTO_FORMATS, PHOTO_TYPES

Json = dict[str, Any]

VERSION: Final = "1"
SCHEMA_PREFIX: Final = "#/components/schemas/"
SECURITY_SCHEME: Final = "key"
COMMON_STATUSES: Final = (400, 401, 403, 429, 503)  # of every operation
DESCRIPTION: Final = (
    "One neural network that captions photos, finds similar ones, and compares words. "
    "Photos are held in memory while they are answered and never stored. "
    'Every error is one sentence: {"error": "…"}.'
)


def openapi_document(*, with_key: bool) -> Json:
    """Return the OpenAPI document; `with_key`: requests need the key."""
    references, definitions = _schemas()
    paths: Json = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(
            operation, references, definitions
        )
    return {
        "openapi": "3.1.0",
        "info": {"title": "Kindred", "version": VERSION, "description": DESCRIPTION},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": definitions,
            "responses": {str(status): _problem(status) for status in STATUS_DESCRIPTIONS},
            "securitySchemes": {SECURITY_SCHEME: {"type": "http", "scheme": AUTH_SCHEME.lower()}},
        },
        "security": [{SECURITY_SCHEME: []}] if with_key else [{}],
    }


def _schemas() -> tuple[dict[type, Json], Json]:
    """Return a reference to the schema of each model, and the schemas by name."""
    models: list[tuple[type, JsonSchemaMode, TypeAdapter[Any]]] = [
        (model, "validation" if issubclass(model, BaseModel) else "serialization", TypeAdapter(model))
        for model in _models()
    ]
    references, rest = TypeAdapter.json_schemas(models, ref_template=SCHEMA_PREFIX + "{model}")
    definitions = rest["$defs"]
    for schema in definitions.values():  # keep a docstring's first paragraph only
        if "description" in schema:
            schema["description"] = schema["description"].partition("\n\n")[0]
    return {model: schema for (model, _), schema in references.items()}, definitions


def _models() -> list[type]:
    requests = [operation.request_model for operation in OPERATIONS]
    responses = [operation.response for operation in OPERATIONS if not isinstance(operation.response, str)]
    return list(dict.fromkeys([*requests, *responses, Problem]))


def _operation(operation: Operation, references: dict[type, Json], definitions: Json) -> Json:
    request = definitions[operation.request_model.__name__]
    described: Json = {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": _parameters(operation, request),
        "responses": _responses(operation, references),
    }
    if operation.method == "POST":
        described["requestBody"] = _body(operation, references[operation.request_model], request)
    return described


def _parameters(operation: Operation, request: Json) -> list[Json]:
    """Return the fields that go into the URL; with a photo as the whole body, they can go nowhere else."""
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
        for name, schema in request.get("properties", {}).items()
    ]


def _body(operation: Operation, reference: Json, request: Json) -> Json:
    content: Json = {JSON: {"schema": reference}}
    if operation.takes_photo:
        photo = {"type": "string", "contentMediaType": "image/*", "description": f"{PHOTO_FORMATS}."}
        properties = {PHOTO_FIELD: photo, **request.get("properties", {})}
        content[FORM] = {"schema": {**request, "properties": properties, "title": "With a photo"}}
        content |= {media_type: {} for media_type in PHOTO_TYPES}
    return {"content": content, "required": True}


def _responses(operation: Operation, references: dict[type, Json]) -> Json:
    if isinstance(operation.response, str):
        content: Json = {operation.response: {}}
    else:
        content = {JSON: {"schema": references[operation.response]}}
    refusals = STATUS_DESCRIPTIONS if operation.method == "POST" else {*COMMON_STATUSES, 404}
    return {
        "200": {"description": HTTPStatus.OK.phrase, "content": content},
        **{str(status): {"$ref": f"#/components/responses/{status}"} for status in sorted(refusals)},
    }


def _problem(status: int) -> Json:
    return {
        "description": STATUS_DESCRIPTIONS[status],
        "content": {JSON: {"schema": {"$ref": SCHEMA_PREFIX + Problem.__name__}}},
    }
