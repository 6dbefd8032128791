// The way to the playground: events in, what the person does out.

import { toast } from "./dom.js";

const person = new URLSearchParams(location.search).get("name") ?? "";
const address = (path) => `/api/${path}?name=${encodeURIComponent(person)}`;
const RETRY = 1500; // milliseconds until a lost playground is asked for again

export const mediaAddress = (fileId) => `/api/media/${encodeURIComponent(fileId)}`;

async function post(path, body) {
  try {
    const response = await fetch(address(path), { method: "POST", ...body });
    const reply = await response.json();
    if (response.ok) return reply;
    toast(reply.error);
  } catch {
    toast("The playground is away. This was not sent.");
  }
  return null;
}

const json = (value) => ({ body: JSON.stringify(value), headers: { "Content-Type": "application/json" } });

/** Send a text; the result tells whether it went out. */
export const say = (text, replyTo = 0) => post("say", json({ text, reply_to: replyTo }));

/** Press the button at a place of a message's keyboard; the result names the query. */
export const press = (messageId, row, column) => post("press", json({ message_id: messageId, row, column }));

/** Send files under one caption. */
export function sendFiles(files, caption, asFile) {
  const form = new FormData();
  files.forEach((file, number) => form.append(`file${number}`, file, file.name || "pasted.png"));
  form.append("caption", caption);
  form.append("as_file", String(asFile));
  return post("files", { body: form });
}

/** Follow the chat for ever: `onEvent` gets events, `onState` whether the playground is there. */
export function follow(onEvent, onState) {
  const source = new EventSource(address("events"));
  source.addEventListener("open", () => onState(true));
  source.addEventListener("message", (event) => onEvent(JSON.parse(event.data)));
  source.addEventListener("error", () => {
    onState(false);
    source.close();
    setTimeout(() => follow(onEvent, onState), RETRY);
  });
}
