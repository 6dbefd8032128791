// Texts on their way: on a slow line they show at once, until the message itself is in the chat.

import { say } from "./api.js";
import { $, h } from "./dom.js";

const SHOWN = 2000; // milliseconds that a text is shown after it was sent, should its message differ from it
const nodes = new Map(); // node -> its text, the oldest first

function bubble(text) {
  const words = h("div", { class: "words", dir: "auto" }, text, h("small", { class: "meta" }, "sending…"));
  return h("article", { class: "message mine" }, h("div", { class: "stack" }, h("div", { class: "bubble" }, words)));
}

function remove(node) {
  node.remove();
  nodes.delete(node);
}

/** Send a text, and show it meanwhile; null if it was not sent. */
export async function send(text, replyTo = 0) {
  const node = bubble(text);
  nodes.set(node, text);
  $("pending").append(node);
  const reply = await say(text, replyTo);
  if (reply === null) remove(node);
  else setTimeout(() => remove(node), SHOWN);
  return reply;
}

/** Take away the text of one of the person's messages, which is in the chat now. */
export function arrived(message) {
  const [node] = [...nodes].find(([, text]) => text === message.text) ?? [];
  if (node) remove(node);
}
