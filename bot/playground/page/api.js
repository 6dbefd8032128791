// The way to the playground: events in, what the person does out.

import { toast } from "./dom.js";
import { place, query } from "./place.js";

let source = null;

const address = (path, where = place) => `/api/${path}?${query(where)}`;
const json = (value) => ({ body: JSON.stringify(value), headers: { "Content-Type": "application/json" } });

export const mediaAddress = (fileId) => `/api/media/${encodeURIComponent(fileId)}`;

async function post(path, body, where = place, complain = toast) {
  try {
    const response = await fetch(address(path, where), { method: "POST", ...body });
    const reply = await response.json();
    if (response.ok) return reply;
    complain(reply.error);
  } catch {
    complain("The playground is away. This was not sent.");
  }
  return null;
}

/** Look something up; null if the playground is away. */
export async function look(path, asked = {}) {
  try {
    const response = await fetch(`${address(path)}&${new URLSearchParams(asked)}`);
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

/** Send a text; the result tells whether it went out. */
export const say = (text, replyTo = 0) => post("say", json({ text, reply_to: replyTo }));

/** Change the text or the caption of a message of the person's. */
export const edit = (messageId, text) => post("edit", json({ message_id: messageId, text }));

/** Press the button at a place of a message's keyboard; the result names the query. */
export const press = (messageId, row, column) => post("press", json({ message_id: messageId, row, column }));

/** Follow a deep link into the person's own chat. */
export const start = (payload) => post("start", json({ payload }), { name: place.name });

/** Forward messages of a chat to another place; hidden: their author is only a name. */
export const forward = (messageIds, fromChat, where, hidden) =>
  post("forward", json({ message_ids: messageIds, from_chat: fromChat, hidden }), where);

/** Ask the bot inline; what goes wrong is told to `complain`. */
export const ask = (words, offset, complain) => post("inline", json({ query: words, offset }), place, complain);

/** Send one of the results shown. */
export const choose = (id) => post("choose", json({ id }));

/** Arrange something: `people`, `groups`, `topics`, `bot` or `faults`. */
export const arrange = (path, value) => post(path, json(value));

/** Send files under one caption; several make an album. */
export function sendFiles(files, caption, asFile, replyTo) {
  const form = new FormData();
  files.forEach((file, number) => form.append(`file${number}`, file, file.name || "pasted.png"));
  form.append("caption", caption);
  form.append("as_file", String(asFile));
  form.append("reply_to", String(replyTo));
  return post("files", { body: form });
}

/** Send one file as something else: a sticker, a video, ...; a picture is its thumbnail, too. */
export function sendAs(kind, file, caption) {
  const form = new FormData();
  form.append("kind", kind);
  form.append("caption", caption);
  form.append("file", file);
  if (kind !== "sticker" && file.type.startsWith("image/")) form.append("thumbnail", file);
  return post("send", { body: form });
}

/** Hear no more of the chat. */
export function unfollow() {
  source?.close();
  source = null;
}

/** Follow the chat: `onEvent` gets events; `onLost` is called once, when the playground is away. */
export function follow(onEvent, onOpen, onLost) {
  unfollow();
  const mine = source = new EventSource(address("events"));
  mine.addEventListener("open", onOpen);
  mine.addEventListener("message", (event) => onEvent(JSON.parse(event.data)));
  mine.addEventListener("error", () => {
    mine.close();
    if (mine === source) onLost();
  });
}
