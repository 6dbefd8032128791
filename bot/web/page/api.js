// The API page: the OpenAPI document, operation by operation, each with a form to try it.

import { $, h } from "./dom.js";
import { key, question, Refused, send } from "./ask.js";

const FORM = "multipart/form-data";

/** The fields of an operation, wherever the document keeps them. */
function fieldsOf(described, operation) {
  const body = operation.requestBody?.content;
  if (!body) {
    return (operation.parameters ?? []).map(({ name, in: place, required, description, schema }) => (
      { name, place, required, schema: { description, ...schema } }));
  }
  let { schema } = body[FORM] ?? body["application/json"];
  if (schema.$ref) schema = described.components.schemas[schema.$ref.split("/").at(-1)];
  return Object.entries(schema.properties ?? {}).map(([name, property]) => (
    { name, place: "body", required: (schema.required ?? []).includes(name), schema: property }));
}

const isFile = (field) => "contentMediaType" in field.schema;

function input(field) {
  const { schema } = field;
  if (isFile(field)) return h("input", { type: "file", accept: "image/jpeg,image/png,image/webp", name: field.name });
  const example = schema.examples?.[0];
  const whole = schema.type === "integer";
  return h("input", {
    type: whole ? "number" : "text", name: field.name, min: schema.minimum, max: schema.maximum,
    maxlength: schema.maxLength, required: field.required, autocomplete: "off", spellcheck: "false",
    value: Array.isArray(example) ? example.join(", ") : example ?? (schema.default || null),
  });
}

function row(field) {
  const hint = [field.schema.description, field.schema.type === "array" ? "With commas between them." : ""];
  return h("label", {}, h("b", {}, field.name, field.required ? h("i", { title: "needed" }, " *") : null),
    field.input, hint.some(Boolean) ? h("small", {}, hint.filter(Boolean).join(" ")) : null);
}

/** What a person filled in, as the engine wants it. */
function values(fields) {
  const said = {};
  for (const { name, schema, input: { value, type } } of fields) {
    if (type === "file" || value === "") continue;
    if (schema.type === "array") said[name] = value.split(",").map((one) => one.trim()).filter(Boolean);
    else said[name] = schema.type === "integer" ? Number(value) : value;
  }
  return said;
}

/** Address of a request, and what is left of its fields. */
function address(path, fields) {
  const left = values(fields);
  const query = new URLSearchParams();
  for (const { name, place } of fields) {
    if (!(name in left) || place === "body") continue;
    if (place === "path") path = path.replace(`{${name}}`, left[name].split("/").map(encodeURIComponent).join("/"));
    else query.append(name, left[name]);
    delete left[name];
  }
  return [query.size ? `${path}?${query}` : path, left];
}

const photoOf = (fields) => fields.find(isFile)?.input.files[0] ?? null;

const quoted = (text) => `'${String(text).replaceAll("'", "'\\''")}'`;

/** The same request, for a terminal. */
function curl(path, method, fields, isPicture) {
  const [where, body] = address(path, fields);
  const photo = photoOf(fields);
  const parts = [`curl ${quoted(location.origin + where)}`];
  if (key()) parts.push('-H "Authorization: Bearer $KINDRED_WEB_KEY"');
  if (photo) {
    parts.push(`-F ${quoted(`photo=@${photo.name}`)}`);
    for (const [name, value] of Object.entries(body)) [value].flat().forEach((one) => parts.push(`--form-string ${quoted(`${name}=${one}`)}`));
  } else if (method === "post") {
    parts.push("-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(body))}`);
  }
  if (isPicture) parts.push("-o answer");
  return parts.join(" \\\n  ");
}

async function shown(response) {
  const type = response.headers.get("Content-Type") ?? "";
  if (type.startsWith("image/")) return h("img", { src: URL.createObjectURL(await response.blob()), alt: "The answer" });
  const text = await response.text();
  return h("pre", { tabindex: 0 }, type.startsWith("application/json") ? JSON.stringify(JSON.parse(text), null, 2) : text);
}

function entry(described, path, method, operation) {
  const fields = fieldsOf(described, operation).map((field) => ({ ...field, input: input(field) }));
  const isPicture = !("application/json" in operation.responses["200"].content);
  const line = h("pre", { class: "curl", tabindex: 0, "aria-label": "The same with curl" });
  const state = h("span", { class: "says", role: "status" });
  const output = h("output", {});
  const button = h("button", { type: "submit", class: "strong" }, "Try it");
  const form = h("form", { autocomplete: "off", onsubmit: attempt, oninput: tellCurl },
    h("div", { class: "fields" }, fields.map(row)),
    h("div", { class: "act" }, button, state),
    output,
    h("h3", {}, "The same with curl"), line);

  function tellCurl() { line.textContent = curl(path, method, fields, isPicture); }

  async function attempt(event) {
    event.preventDefault();
    const [where, body] = address(path, fields);
    button.setAttribute("aria-busy", "true");
    state.textContent = "Asking…";
    try {
      const response = await send(where, method === "post" ? question(body, photoOf(fields)) : {});
      output.replaceChildren(await shown(response));
      state.textContent = `${response.status} ${response.statusText}`;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      state.textContent = error.message;
    } finally {
      button.removeAttribute("aria-busy");
      tellCurl(); // by now there may be a key
    }
  }

  tellCurl();
  return h("details", { class: "operation", id: operation.operationId },
    h("summary", {}, h("b", { class: "method" }, method.toUpperCase()), h("code", {}, path), h("span", {}, operation.summary)),
    form);
}

const described = await (await fetch("/openapi.json")).json();
$("about").textContent = described.info.description;
for (const [path, methods] of Object.entries(described.paths)) {
  for (const [method, operation] of Object.entries(methods)) $("operations").append(entry(described, path, method, operation));
}
$("status").textContent = "";
const wanted = document.getElementById(location.hash.slice(1));
if (wanted instanceof HTMLDetailsElement) wanted.open = true;
