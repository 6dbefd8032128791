// The page's API client: events in, actions out.

import { toast } from "./dom.js";

const query = new URLSearchParams({ name: new URLSearchParams(location.search).get("name") ?? "" }); // a reload changes nothing
const json = (value) => ({ body: JSON.stringify(value), headers: { "Content-Type": "application/json" } });

export const mediaAddress = (fileId) => `/api/media/${encodeURIComponent(fileId)}`;

async function post(path, body, complain = toast) {
  try {
    const response = await fetch(`/api/${path}?${query}`, { method: "POST", ...body });
    const reply = await response.json();
    if (response.ok) return reply;
    complain(reply.error);
  } catch {
    complain("The playground is away. This was not sent.");
  }
  return null;
}

/** Send a text; null if it was not sent. */
export const say = (text, replyTo = 0) => post("say", json({ text, reply_to: replyTo }));

/** Edit the text or the caption of one of the person's messages. */
export const edit = (messageId, text) => post("edit", json({ message_id: messageId, text }));

/** Press the button at a position of a message's keyboard; the reply holds the query's id. */
export const press = (messageId, row, column) => post("press", json({ message_id: messageId, row, column }));

/** Follow a deep link. */
export const start = (payload) => post("start", json({ payload }));

/** Send an inline query; errors go to `complain`. */
export const ask = (words, offset, complain) => post("inline", json({ query: words, offset }), complain);

/** Send one of the inline results shown. */
export const choose = (id) => post("choose", json({ id }));

/** Change the language of the person's app. */
export const setLanguage = (language) => post("language", json({ language }));

/** Send files under one caption; several make an album. */
export function sendFiles(files, caption, asFile, replyTo) {
  const form = new FormData();
  files.forEach((file, number) => form.append(`file${number}`, file, file.name || "pasted.png"));
  form.append("caption", caption);
  form.append("as_file", String(asFile));
  form.append("reply_to", String(replyTo));
  return post("files", { body: form });
}

/** Follow the chat: `onEvent` receives events; `onLost` is called once, when the playground is away. */
export function follow(onEvent, onOpen, onLost) {
  const source = new EventSource(`/api/events?${query}`);
  source.addEventListener("open", onOpen);
  source.addEventListener("message", (event) => onEvent(JSON.parse(event.data)));
  source.addEventListener("error", () => {
    source.close();
    onLost();
  });
}
