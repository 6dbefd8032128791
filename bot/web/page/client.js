// Client of the HTTP API: requests, error messages, and the key.

import { h } from "./dom.js";

const STORAGE_KEY = "kindred-key"; // in sessionStorage: for this tab only
const UNREACHABLE = "Kindred is away. Please try again in a moment.";
const UNKNOWN_ERROR = "Something went wrong on my side. Please try again.";

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

/** Return a successful response; throw a RequestError for any other. */
export async function checked(response) {
  if (!response.ok) throw new RequestError(await errorMessage(response));
  return response;
}

/** Send a request and return a successful response; throw a RequestError otherwise. */
export const fetchOk = async (path, options) => checked(await send(path, options));

/** Send a request and return the JSON of a successful response. */
export const fetchJson = async (path, options) => (await fetchOk(path, options)).json();

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
