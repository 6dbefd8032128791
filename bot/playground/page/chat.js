// The chat: stores the messages, draws them, and passes on what the person does.

import { follow, press } from "./api.js";
import { beginQuery, prepareComposer, setCommands } from "./composer.js";
import { $, alertBox, h, toast } from "./dom.js";
import { openPhoto } from "./lightbox.js";
import { pictureOf } from "./media.js";
import { openMenu } from "./message_menu.js";
import { bubble } from "./messages.js";
import { arrived, send } from "./pending.js";
import { followLink, session, setPerson } from "./session.js";

const SUGGESTIONS = ["/start", "boy", "man:men::woman:?", "a dog running on the beach"];
const CHAT_ACTIONS = { typing: "typing…", upload_photo: "sending a photo…", upload_document: "sending a file…" };
const ACTION_SHOWN = 5000; // milliseconds: Telegram shows an action no longer
const ANSWER_WITHIN = 15000; // milliseconds a pressed button waits
const FRAME = 16; // milliseconds: what comes within one is drawn, and read out, once
const RETRY = 1500; // milliseconds until the page reconnects to a lost playground
const NEAR = 120; // pixels from the end that still count as reading the newest

const messages = new Map(); // message id -> message
const groups = new Map(); // album or message -> { ids, node }
const pressed = new Map(); // query -> button that waits for its answer
const stale = new Set(); // groups to draw in the next frame
const early = new Set(); // queries answered before the page knew their ids
let follows = true; // the view stays at the end, whatever is drawn or loaded
let actionTimer = 0;
let connected = false;
let botThere = true;

const isMine = (message) => message.from.id === session.id;

const actions = {
  say: (text) => send(text),
  ask: beginQuery,
  isMine,
  more: (about, button) => openMenu(about, isMine(about[0]), button),
  open(file) {
    const photos = [...messages.values()].map((message) => [message, pictureOf(message)]).filter(([, size]) => size);
    openPhoto(photos.map(([message, size]) => ({ file: size.file_id, words: message.caption ?? "" })), file);
  },
  find(id) {
    const node = groups.get(groupOf(messages.get(id) ?? { message_id: id }))?.node;
    node?.scrollIntoView({ block: "center" });
    node?.classList.add("highlighted");
    setTimeout(() => node?.classList.remove("highlighted"), 1200);
  },
  async press(button, id, row, column) {
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    const reply = await press(id, row, column);
    if (reply === null || early.delete(reply.query)) return settle(button);
    pressed.set(reply.query, button);
    setTimeout(() => { pressed.delete(reply.query); settle(button); }, ANSWER_WITHIN);
  },
};

function suggest(text) {
  send(text);
  $("text").focus();
}

const settle = (button) => button?.removeAttribute("aria-busy");
const groupOf = (message) => message.media_group_id ?? message.message_id;

function nearEnd() {
  const box = $("scroll");
  return box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
}

function toEnd() {
  $("scroll").scrollTop = $("scroll").scrollHeight;
}

function draw(key) {
  if (!stale.size) setTimeout(drawStale, FRAME);
  stale.add(key);
}

function drawStale() {
  stale.forEach(drawNow);
  stale.clear();
  $("welcome").hidden = messages.size > 0;
  if (follows) toEnd();
}

const labelOf = (button) => button.getAttribute("aria-label") ?? button.textContent;

/** Keep the focus on a button that was drawn anew, or in the chat if it is gone. */
function focusAgain(node, label) {
  const same = [...node.querySelectorAll("button")].find((button) => labelOf(button) === label);
  (same ?? $("scroll")).focus({ preventScroll: true });
}

function drawNow(key) {
  const group = groups.get(key);
  if (!group) return; // deleted meanwhile
  const node = bubble(group.ids.map((id) => messages.get(id)), actions);
  const focused = group.node?.contains(document.activeElement) ? labelOf(document.activeElement) : null;
  if (group.node) group.node.replaceWith(node);
  else {
    $("log").append(node);
    group.ids.map((id) => messages.get(id)).filter(isMine).forEach(arrived);
  }
  group.node = node;
  if (focused !== null) focusAgain(node, focused);
}

function put(message) {
  const key = groupOf(message);
  if (!groups.has(key)) groups.set(key, { ids: [], node: null });
  if (!messages.has(message.message_id)) groups.get(key).ids.push(message.message_id);
  messages.set(message.message_id, message);
  draw(key);
}

function remove(id) {
  const message = messages.get(id);
  if (!message) return;
  const key = groupOf(message);
  const group = groups.get(key);
  messages.delete(id);
  group.ids = group.ids.filter((other) => other !== id);
  if (group.ids.length) return draw(key);
  group.node?.remove();
  groups.delete(key);
  $("welcome").hidden = messages.size > 0;
}

function restart(event) {
  const log = $("log");
  log.setAttribute("aria-live", "off"); // the history is not read out again
  log.replaceChildren();
  [messages, groups, stale, pressed].forEach((stored) => stored.clear());
  setPerson(event.person);
  event.messages.forEach(put);
  showProfile(event.profile);
  follows = true;
  drawStale();
  setTimeout(() => log.setAttribute("aria-live", "polite"), 1000);
}

function showProfile(profile) {
  session.profile = profile;
  $("welcome-title").textContent = `Say hello to ${profile.name}`;
  $("name").textContent = profile.name;
  setCommands(profile.commands);
  showState();
}

function showState() {
  const away = connected ? "The bot is away. What you send waits for it." : "The playground is away. Trying again…";
  const online = connected && botThere;
  $("away").textContent = away;
  $("away").hidden = online;
  $("state").classList.toggle("there", online);
  const line = [online ? "online" : "away", session.name].filter(Boolean);
  if ($("state").textContent === line.join(" · ")) return; // nothing new to read out
  $("state").replaceChildren(...line.flatMap((words, number) => [number ? " · " : "", h("bdi", {}, words)]));
}

function showAction(action) {
  const reading = nearEnd();
  clearTimeout(actionTimer);
  $("chat-action").hidden = action === null;
  if (reading) toEnd();
  if (action === null) return;
  $("chat-action-text").textContent = CHAT_ACTIONS[action] ?? "working…";
  actionTimer = setTimeout(() => showAction(null), ACTION_SHOWN);
}

function answer(event) {
  if (pressed.has(event.query)) settle(pressed.get(event.query));
  else early.add(event.query);
  pressed.delete(event.query);
  if (event.text) (event.alert ? alertBox : toast)(event.text);
  followLink(event.url);
}

const HANDLERS = {
  history: restart,
  message({ message }) {
    if (message.from.is_bot) showAction(null);
    if (isMine(message)) follows = true;
    put(message);
  },
  edit: ({ message }) => put(message),
  delete: (event) => event.message_ids.forEach(remove),
  action: (event) => showAction(event.action),
  answer,
  profile: showProfile,
  notice({ text }) { $("notice").textContent = text; $("notice").hidden = !text; },
  presence(event) { botThere = event.bot; showState(); },
};

$("suggestions").append(...SUGGESTIONS.map((text) => h("button", { type: "button", onclick: () => suggest(text) }, text)));
$("newest").addEventListener("click", toEnd);
$("scroll").addEventListener("scroll", () => {
  follows = nearEnd();
  $("newest").hidden = follows;
}, { passive: true });
// A photo may take its height after it was drawn, and the window may shrink under a phone's keyboard.
const keepsEnd = new ResizeObserver(() => { if (follows) toEnd(); });
keepsEnd.observe($("log"));
keepsEnd.observe($("pending"));
keepsEnd.observe($("scroll"));
$("log").addEventListener("click", (event) => {
  if (followLink(event.target.closest("a")?.href ?? "")) event.preventDefault();
});

/** Follow the chat, and keep trying while the playground is away. */
function connect() {
  follow((event) => HANDLERS[event.type]?.(event), () => { connected = true; showState(); }, () => {
    connected = false;
    showState();
    setTimeout(connect, RETRY);
  });
}

prepareComposer();
connect();
