// One bubble: a message, or all messages of an album together.

import { mediaAddress } from "./api.js";
import { h, icon } from "./dom.js";
import { formatted } from "./entities.js";

const ROWS = { 1: [1], 2: [2], 3: [3], 4: [2, 2], 5: [2, 3], 6: [3, 3], 7: [3, 4], 8: [4, 4], 9: [3, 3, 3], 10: [3, 3, 4] };
const COLUMNS = 12; // of an album's grid: rows of two, three and four all fit
const WHOLE = { width: 420, height: 440, least: 240 }; // pixels a single photo takes
const TILE = 300; // pixels a tile's picture should have
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const images = new Map(); // an edited message keeps its pictures on screen

/** The file a message shows as a picture, if any. */
export function pictureOf(message) {
  if (message.photo) return message.photo.at(-1);
  return message.document?.mime_type?.startsWith("image/") ? message.document : null;
}

/** Width and height at which a photo is shown, known before it is loaded: nothing jumps later. */
function fitted({ width, height }) {
  if (!width) return {};
  const scale = Math.min(WHOLE.width / width, WHOLE.height / height, Math.max(1, WHOLE.least / width));
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}

function picture(message, size, words) {
  const key = `${message.message_id}:${size.file_id}`;
  if (!images.has(key)) {
    images.set(key, h("img", { src: mediaAddress(size.file_id), ...fitted(size), decoding: "async" }));
  }
  const image = images.get(key);
  image.alt = words || "Photo";
  return image;
}

function tile(message, actions, extra = "", place = "") {
  const words = place || (message.caption ?? "");
  const sizes = message.photo ?? [message.document];
  const size = sizes.find((one) => Math.max(one.width, one.height) >= TILE) ?? sizes.at(-1);
  const label = `Open photo${words ? `: ${words}` : ""}`;
  const open = () => actions.open(pictureOf(message).file_id);
  return h("button", { type: "button", class: `tile ${extra}`, "aria-label": label, onclick: open }, picture(message, size, words));
}

function album(messages, actions) {
  const rows = ROWS[messages.length] ?? [messages.length];
  const spans = rows.flatMap((count) => Array(count).fill(COLUMNS / count));
  return h("div", { class: "album" }, messages.map((message, n) => 
    tile(message, actions, `span-${spans[n]}`, `${n + 1} of ${messages.length}`)));
}

function fileCard(message, actions) {
  const { file_name: name, file_size: bytes, file_id: id } = message.document;
  const size = bytes < 1e6 ? `${Math.max(bytes / 1e3, 0.1).toFixed(bytes < 1e4 ? 1 : 0)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
  const shown = pictureOf(message) !== null;
  const face = shown ? tile(message, actions, "face") : h("span", { class: "face" }, icon("M7 3h7l4 4v14H7zM14 3v4h4"));
  return h("div", { class: "file" }, face,
    h("span", { class: "about" }, h("a", { href: mediaAddress(id), download: name }, name), h("small", {}, size)));
}

function media(messages, actions) {
  if (messages[0].document) return h("div", { class: "files" }, messages.map((message) => fileCard(message, actions)));
  if (messages.length > 1) return album(messages, actions);
  return messages[0].photo ? tile(messages[0], actions, "whole") : null;
}

/** One line about a message, for quotes. */
export function summary(message) {
  const kind = message.photo ? "Photo" : message.document?.file_name ?? "";
  return message.text ?? message.caption ?? kind;
}

function quote(message, actions) {
  const original = message.reply_to_message;
  if (!original) return null;
  return h("button", { type: "button", class: "quote", onclick: () => actions.find(original.message_id) },
    h("b", {}, original.from.is_bot ? original.from.first_name : "You"), h("span", {}, summary(original)));
}

function key(button, message, row, column, actions) {
  if (button.url) {
    return h("a", { class: "key", href: button.url, target: "_blank", rel: "noopener noreferrer" }, button.text, icon("M9 7h8v8M17 7 7 17"));
  }
  const pressed = (event) => actions.press(event.currentTarget, message.message_id, row, column);
  return h("button", { type: "button", class: "key", onclick: pressed }, button.text);
}

function keyboard(message, actions) {
  const rows = message.reply_markup?.inline_keyboard ?? [];
  if (!rows.length) return null;
  return h("div", { class: "keyboard", role: "group", "aria-label": "Buttons" }, rows.map((buttons, row) =>
    h("div", { class: "keys" }, buttons.map((button, column) => key(button, message, row, column, actions)))));
}

function meta(message) {
  const time = new Date(message.date * 1000);
  const edited = message.edit_date ? h("span", {}, "edited ") : null;
  return h("small", { class: "meta" }, edited, h("time", { datetime: time.toISOString() }, clock.format(time)));
}

function reacted(messages, reactions) {
  const given = messages.flatMap((message) => reactions.get(message.message_id) ?? []);
  if (!given.length) return null;
  return h("div", { class: "reactions" }, given.map((one) => h("span", { "aria-label": `Reaction ${one.emoji}` }, one.emoji)));
}

function words(message, actions) {
  const text = message.text ?? message.caption;
  if (!text) return null;
  return h("div", { class: "words" }, formatted(text, message.entities ?? message.caption_entities, actions.say), meta(message));
}

/** Build the bubble of one message or of one album. */
export function bubble(messages, reactions, actions) {
  const [first] = messages;
  const mine = !first.from.is_bot;
  const spoken = messages.find((message) => message.text ?? message.caption) ?? first;
  const said = words(spoken, actions);
  const shown = media(messages, actions);
  const parts = spoken.show_caption_above_media ? [said, shown] : [shown, said];
  const kinds = ["message", mine ? "mine" : "theirs", shown && "has-media", shown && first.photo && "has-photo", messages.length > 1 && "has-album", said || "bare"];
  const reply = h("button", { type: "button", class: "reply", "aria-label": "Reply", title: "Reply", onclick: () => actions.reply(first) },
    icon("M10 8V4l-7 7 7 7v-4c5 0 8.5 1.5 11 5-1-5.5-4-11-11-11z"));
  return h("article", { class: kinds.filter((kind) => typeof kind === "string").join(" "), id: `message-${first.message_id}` },
    h("span", { class: "hidden" }, mine ? "You:" : `${first.from.first_name}:`),
    h("div", { class: "stack" },
      h("div", { class: "bubble" }, quote(first, actions), parts, said ? null : meta(spoken), reacted(messages, reactions)),
      keyboard(first, actions)),
    reply);
}
