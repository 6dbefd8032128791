// The way to the engine: questions out, answers or one kind sentence back; the key, where one is needed.

import { h } from "./dom.js";

const KEPT = "kindred-key"; // for this tab only
const AWAY = "Kindred is away. Please try again in a moment.";
const ODD = "Something went wrong on my side. Please try again.";
const AT_ONCE = 6; // pictures asked for at the same time: what a browser does anyway

/** What was not answered, in a sentence for the person. */
export class Refused extends Error {}

export const key = () => sessionStorage.getItem(KEPT) ?? "";

/** Send a request with the key; where it is missing or wrong, ask the person for it. */
export async function send(path, options = {}) {
  const headers = new Headers(options.headers);
  if (key()) headers.set("Authorization", `Bearer ${key()}`);
  let response;
  try {
    response = await fetch(path, { ...options, headers });
  } catch (error) {
    throw error.name === "AbortError" ? error : new Refused(AWAY);
  }
  if (response.status !== 401) return response;
  await askForKey();
  return send(path, options);
}

/** Ask, and give the answer. */
export async function ask(path, options) {
  const response = await send(path, options);
  if (!response.ok) throw new Refused(await sentence(response));
  return response;
}

/** Ask with fields, and a photo if there is one. */
export function question(fields, photo = null, signal = undefined) {
  if (photo === null) {
    return { method: "POST", body: JSON.stringify(fields), headers: { "Content-Type": "application/json" }, signal };
  }
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) [value].flat().forEach((one) => body.append(name, one));
  body.append("photo", photo);
  return { method: "POST", body, signal };
}

async function sentence(response) {
  try {
    return (await response.json()).error ?? ODD;
  } catch {
    return ODD;
  }
}

// The key.

let asking = null;

function askForKey() {
  asking ??= new Promise((done, refuse) => {
    const field = h("input", { type: "password", autocomplete: "off", required: true, id: "key" });
    const form = h("form", { method: "dialog" },
      h("h2", { id: "key-title" }, "This server needs a key"),
      h("label", { class: "field" }, "Key", field),
      h("div", { class: "row" },
        h("button", { type: "button", class: "quiet", onclick: () => dialog.close() }, "Cancel"),
        h("button", { type: "submit", class: "strong" }, "Go on")));
    const dialog = h("dialog", { class: "card small", "aria-labelledby": "key-title" }, form);
    form.addEventListener("submit", () => {
      sessionStorage.setItem(KEPT, field.value.trim());
      done();
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      asking = null;
      refuse(new Refused("Without the key nothing is answered here.")); // too late to matter after `done`
    });
    document.body.append(dialog);
    dialog.showModal();
  });
  return asking;
}

// Pictures of the gallery: each is fetched once, the latest wish first.

const pictures = new Map();
const wishes = [];
let running = 0;

/** Address of a picture of the gallery, for an <img>. */
export function picture(name, side) {
  const wanted = `${name}@${side}`;
  if (!pictures.has(wanted)) {
    pictures.set(wanted, new Promise((done, refuse) => wishes.push({ name, side, done, refuse })));
    pictures.get(wanted).catch(() => pictures.delete(wanted));
    work();
  }
  return pictures.get(wanted);
}

async function work() {
  while (running < AT_ONCE && wishes.length) {
    const wish = wishes.pop();
    running += 1;
    fetched(wish).then(wish.done, wish.refuse).finally(() => { running -= 1; work(); });
  }
}

async function fetched({ name, side }) {
  const path = `/v1/pictures/${name.split("/").map(encodeURIComponent).join("/")}?side=${side}`;
  let response = await send(path);
  if (response.status === 429) {
    await new Promise((done) => setTimeout(done, 1000 * Number(response.headers.get("Retry-After") ?? 1)));
    response = await send(path);
  }
  if (!response.ok) throw new Refused(await sentence(response));
  return URL.createObjectURL(await response.blob());
}

/** An <img> that shows a picture of the gallery as soon as it is there. */
export function image(name, side, properties) {
  const element = h("img", { alt: "", draggable: "false", ...properties });
  picture(name, side).then((address) => { element.src = address; }, () => {});
  return element;
}
