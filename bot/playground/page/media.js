// The media of a message: photos, albums, files.

import { mediaAddress } from "./api.js";
import { h, icon } from "./dom.js";

const ROWS = { 1: [1], 2: [2], 3: [3], 4: [2, 2], 5: [2, 3], 6: [3, 3], 7: [3, 4], 8: [4, 4], 9: [3, 3, 3], 10: [3, 3, 4] };
const COLUMNS = 12; // of an album's grid: rows of two, three and four all fit
const WHOLE = { width: 420, height: 440, least: 240 }; // pixels a single photo takes
const TILE = 300; // pixels a tile's picture should have
const OTHERS = ["sticker", "video", "animation", "voice", "audio", "video_note", "location", "contact", "venue", "poll", "dice"];
const SHEET = "M7 3h7l4 4v14H7zM14 3v4h4"; // an icon
const images = new Map(); // an edited message keeps its pictures on screen
const broken = new Set(); // files that say they are pictures, and are not

/** The file a message shows as a picture, if any. */
export function pictureOf(message) {
  if (message.photo) return message.photo.at(-1);
  return message.document?.mime_type?.startsWith("image/") ? message.document : null;
}

const named = (kind) => (kind[0].toUpperCase() + kind.slice(1)).replaceAll("_", " ");

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
  const plain = () => h("span", { class: "face" }, icon(SHEET));
  const face = pictureOf(message) && !broken.has(id) ? tile(message, actions, "face") : plain();
  face.querySelector("img")?.addEventListener("error", () => { broken.add(id); face.replaceWith(plain()); });
  return h("div", { class: "file" }, face,
    h("span", { class: "about" }, h("a", { href: mediaAddress(id), download: name }, name), h("small", {}, size)));
}

function other(message) {
  const kind = OTHERS.find((name) => name in message);
  if (!kind) return null;
  return h("div", { class: "files" }, h("div", { class: "file" }, h("span", { class: "face" }, icon(SHEET)), h("b", {}, named(kind))));
}

/** Build what one message, or all of an album together, shows besides text. */
export function media(messages, actions) {
  const [first] = messages;
  if (first.document) return h("div", { class: "files" }, messages.map((message) => fileCard(message, actions)));
  if (messages.length > 1) return album(messages, actions);
  return first.photo ? tile(first, actions, "whole") : other(first);
}

/** The name of what a message holds besides text. */
export function nameOf(message) {
  if (message.document) return message.document.file_name;
  const kind = ["photo", ...OTHERS].find((name) => name in message);
  return kind ? named(kind) : "";
}
