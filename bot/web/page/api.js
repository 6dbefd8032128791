// The API page: the operations of the OpenAPI document, each with a form to try it.

import { $, h } from "./dom.js";
import { apiKey, postOptions, RequestError, send } from "./client.js";

const FORM = "multipart/form-data";
const updates = []; // of each operation's curl command
let example = ""; // name of an image of the gallery; empty until it is known
let needsKey = false;

/** Return the fields of an operation, from its parameters or its request body. */
function fieldsOf(openapi, operation) {
  const body = operation.requestBody?.content;
  if (!body) {
    return (operation.parameters ?? []).map(({ name, in: location, required, description, schema }) => (
      { name, location, required, schema: { description, ...schema } }));
  }
  let { schema } = body[FORM] ?? body["application/json"];
  if (schema.$ref) schema = openapi.components.schemas[schema.$ref.split("/").at(-1)];
  return Object.entries(schema.properties ?? {}).map(([name, property]) => (
    { name, location: "body", required: (schema.required ?? []).includes(name), schema: property }));
}

const isFile = (field) => "contentMediaType" in field.schema;

function input(field) {
  const { schema } = field;
  if (isFile(field)) return h("input", { type: "file", accept: "image/*,.heic,.heif,.avif", name: field.name });
  const example = schema.examples?.[0];
  const isInteger = schema.type === "integer";
  return h("input", {
    type: isInteger ? "number" : "text", name: field.name, min: schema.minimum, max: schema.maximum,
    maxlength: schema.maxLength, required: field.required, autocomplete: "off", spellcheck: "false",
    value: Array.isArray(example) ? example.join(", ") : example ?? (schema.default || null),
  });
}

function fieldRow(field) {
  const hint = [field.schema.description, field.schema.type === "array" ? "With commas between them." : ""];
  return h("label", {}, h("b", {}, field.name, field.required ? h("i", { title: "needed" }, " *") : null),
    field.input, hint.some(Boolean) ? h("small", {}, hint.filter(Boolean).join(" ")) : null);
}

/** Return the filled-in values, converted to the types of the schema. */
function values(fields) {
  const filled = {};
  for (const { name, schema, input: { value, type } } of fields) {
    if (type === "file" || value === "") continue;
    if (schema.type === "array") filled[name] = value.split(",").map((one) => one.trim()).filter(Boolean);
    else filled[name] = schema.type === "integer" ? Number(value) : value;
  }
  return filled;
}

/** Return the path with its query, and the fields that go into the body. */
function requestTarget(path, fields) {
  const body = values(fields);
  const query = new URLSearchParams();
  for (const { name, location } of fields) {
    if (!(name in body) || location === "body") continue;
    if (location === "path") path = path.replace(`{${name}}`, body[name].split("/").map(encodeURIComponent).join("/"));
    else query.append(name, body[name]);
    delete body[name];
  }
  return [query.size ? `${path}?${query}` : path, body];
}

/** Name an image in the requests that need a photo, so that they can be tried as they are. */
function fillImage(fields) {
  const { input: field } = fields.find(({ name }) => name === "image") ?? {};
  const textIsEnough = fields.some(({ name, required }) => name === "text" && !required);
  if (!field || textIsEnough) return;
  if (photoOf(fields)) field.value = field.value === example ? "" : field.value; // one photo, not two
  else field.value ||= example;
}

async function fillImages() {
  if (example || (needsKey && !apiKey())) return;
  const response = await send("/v1/gallery");
  if (response.ok) ({ example } = await response.json());
  for (const update of updates) update();
}

const photoOf = (fields) => fields.find(isFile)?.input.files[0] ?? null;

const shellQuote = (text) => `'${String(text).replaceAll("'", "'\\''")}'`;

/** Return the curl command of a request, to be pasted into a shell. */
function curl(path, method, fields, isPicture) {
  const [target, body] = requestTarget(path, fields);
  const photo = photoOf(fields);
  const parts = [`curl ${shellQuote(window.location.origin + target)}`];
  if (needsKey) parts.push('-H "Authorization: Bearer $KINDRED_WEB_KEY"');
  if (photo) {
    parts.push(`-F ${shellQuote(`photo=@"${photo.name.replaceAll(/["\\]/g, "\\$&")}"`)}`); // curl reads , and ; unless quoted
    for (const [name, value] of Object.entries(body)) [value].flat().forEach((one) => parts.push(`--form-string ${shellQuote(`${name}=${one}`)}`));
  } else if (method === "post") {
    parts.push("-H 'Content-Type: application/json'", `-d ${shellQuote(JSON.stringify(body))}`);
  }
  if (isPicture) parts.push("-o answer");
  return parts.join(" \\\n  ");
}

async function renderResponse(response) {
  const type = response.headers.get("Content-Type") ?? "";
  if (type.startsWith("image/")) return h("img", { src: URL.createObjectURL(await response.blob()), alt: "The answer" });
  const text = await response.text();
  return h("pre", { tabindex: 0 }, type.startsWith("application/json") ? JSON.stringify(JSON.parse(text), null, 2) : text);
}

function operationEntry(openapi, path, method, operation) {
  const fields = fieldsOf(openapi, operation).map((field) => ({ ...field, input: input(field) }));
  const isPicture = !("application/json" in operation.responses["200"].content);
  const line = h("pre", { class: "curl", tabindex: 0, "aria-label": "The same with curl" });
  const state = h("span", { class: "status-line", role: "status" });
  const output = h("output", {});
  const button = h("button", { type: "submit", class: "strong" }, "Try it");
  const form = h("form", { autocomplete: "off", onsubmit: sendForm, oninput: chosen },
    h("div", { class: "fields" }, fields.map(fieldRow)),
    h("div", { class: "act" }, button, state),
    output,
    h("h3", {}, "The same with curl"), line);

  function updateCurl() { line.textContent = curl(path, method, fields, isPicture); }

  function chosen(event) {
    if (event.target.type === "file") fillImage(fields);
    updateCurl();
  }

  async function sendForm(event) {
    event.preventDefault();
    const [target, body] = requestTarget(path, fields);
    button.setAttribute("aria-busy", "true");
    state.textContent = "Asking…";
    try {
      const response = await send(target, method === "post" ? postOptions(body, photoOf(fields)) : {});
      output.replaceChildren(await renderResponse(response));
      state.textContent = `${response.status} ${response.statusText}`;
      fillImages().catch(() => {}); // the key may have been entered meanwhile
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      output.replaceChildren();
      state.textContent = error.message;
    } finally {
      button.removeAttribute("aria-busy");
    }
  }

  updates.push(() => { fillImage(fields); updateCurl(); });
  updateCurl();
  return h("details", { class: "operation", id: operation.operationId },
    h("summary", {}, h("b", { class: "method" }, method.toUpperCase()), h("h2", {}, h("code", {}, path)), h("span", {}, operation.summary)),
    form);
}

const openapi = await (await fetch("/openapi.json")).json();
needsKey = openapi.security.some((scheme) => Object.keys(scheme).length);
$("about").textContent = openapi.info.description;
for (const [path, methods] of Object.entries(openapi.paths)) {
  for (const [method, operation] of Object.entries(methods)) $("operations").append(operationEntry(openapi, path, method, operation));
}
$("status").textContent = "";
fillImages().catch(() => {}); // without an example, a person names one
const linked = document.getElementById(window.location.hash.slice(1));
if (linked instanceof HTMLDetailsElement) linked.open = true;
