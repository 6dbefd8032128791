// Client of the HTTP API: requests, error messages, the key, and pictures of the gallery.

import { h } from "./dom.js";

const STORAGE_KEY = "kindred-key"; // in sessionStorage: for this tab only
const UNREACHABLE = "Kindred is away. Please try again in a moment.";
const UNKNOWN_ERROR = "Something went wrong on my side. Please try again.";
const MAX_CONCURRENT = 6; // pictures fetched at once: as many as a browser does

/** A failed request; its message is a sentence for the user. */
export class RequestError extends Error {}

export const apiKey = () => sessionStorage.getItem(STORAGE_KEY) ?? "";

/** Send a request with the key; if it is missing or wrong, prompt for it and send again. */
export async function send(path, options = {}) {
  const headers = new Headers(options.headers);
  if (apiKey()) headers.set("Authorization", `Bearer ${apiKey()}`);
  let response;
  try {
    response = await fetch(path, { ...options, headers });
  } catch (error) {
    throw error.name === "AbortError" ? error : new RequestError(UNREACHABLE);
  }
  if (response.status !== 401) return response;
  await promptForKey();
  return send(path, options);
}

/** Send a request and return a successful response; throw a RequestError otherwise. */
export async function fetchOk(path, options) {
  const response = await send(path, options);
  if (!response.ok) throw new RequestError(await errorMessage(response));
  return response;
}

/** Return the options of a POST request: JSON fields, or a form if there is a photo. */
export function postOptions(fields, photo = null, signal = undefined) {
  if (photo === null) {
    return { method: "POST", body: JSON.stringify(fields), headers: { "Content-Type": "application/json" }, signal };
  }
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) [value].flat().forEach((one) => body.append(name, one));
  body.append("photo", photo);
  return { method: "POST", body, signal };
}

async function errorMessage(response) {
  try {
    return (await response.json()).error ?? UNKNOWN_ERROR;
  } catch {
    return UNKNOWN_ERROR;
  }
}

// The key.

let keyPrompt = null;

function promptForKey() {
  keyPrompt ??= new Promise((done, refuse) => {
    const field = h("input", { type: "password", autocomplete: "off", required: true, id: "key" });
    const form = h("form", { method: "dialog" },
      h("h2", { id: "key-title" }, "This server needs a key"),
      h("label", { class: "field" }, "Key", field),
      h("div", { class: "row" },
        h("button", { type: "button", class: "quiet", onclick: () => dialog.close() }, "Cancel"),
        h("button", { type: "submit", class: "strong" }, "Go on")));
    const dialog = h("dialog", { class: "card small", "aria-labelledby": "key-title" }, form);
    form.addEventListener("submit", () => {
      sessionStorage.setItem(STORAGE_KEY, field.value.trim());
      done();
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      keyPrompt = null;
      refuse(new RequestError("Without the key nothing is answered here.")); // has no effect after `done`
    });
    document.body.append(dialog);
    dialog.showModal();
  });
  return keyPrompt;
}

// Pictures of the gallery: each is fetched once, the latest request first.

const pictureUrls = new Map();
const queue = [];
let inFlight = 0;

/** Return a promise of the object URL of a gallery picture. */
export function pictureUrl(name, side) {
  const id = `${name}@${side}`;
  if (!pictureUrls.has(id)) {
    pictureUrls.set(id, new Promise((done, refuse) => queue.push({ name, side, done, refuse })));
    pictureUrls.get(id).catch(() => pictureUrls.delete(id));
    fetchNext();
  }
  return pictureUrls.get(id);
}

async function fetchNext() {
  while (inFlight < MAX_CONCURRENT && queue.length) {
    const entry = queue.pop();
    inFlight += 1;
    fetchPicture(entry).then(entry.done, entry.refuse).finally(() => { inFlight -= 1; fetchNext(); });
  }
}

async function fetchPicture({ name, side }) {
  const path = `/v1/pictures/${name.split("/").map(encodeURIComponent).join("/")}?side=${side}`;
  let response = await send(path);
  if (response.status === 429) {
    await new Promise((done) => setTimeout(done, 1000 * Number(response.headers.get("Retry-After") ?? 1)));
    response = await send(path);
  }
  if (!response.ok) throw new RequestError(await errorMessage(response));
  return URL.createObjectURL(await response.blob());
}

/** Return an <img> that shows a gallery picture once it is loaded. */
export function pictureElement(name, side, properties) {
  const element = h("img", { alt: "", draggable: "false", ...properties });
  pictureUrl(name, side).then((url) => { element.src = url; }, () => {});
  return element;
}
