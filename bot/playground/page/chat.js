// The chat: keeps what was said, draws it, and passes on what the person does.

import { follow, press, say, unfollow } from "./api.js";
import { beginQuery, prepareComposer, replyTo, setCommands } from "./composer.js";
import { openDeeds } from "./deeds.js";
import { $, alertBox, h, toast } from "./dom.js";
import { openPhoto } from "./lightbox.js";
import { pictureOf } from "./media.js";
import { bubble } from "./messages.js";
import { onMove } from "./place.js";
import { followLink, headline, known, orient, payloadOf, preparePlaces, topicHere } from "./places.js";
import { forgetTraffic, prepareTraffic } from "./traffic.js";

const SUGGESTIONS = ["/start", "boy", "man:men::woman:?", "a dog running on the beach"];
const DOING = { typing: "typing…", upload_photo: "sending a photo…", upload_document: "sending a file…" };
const DOING_FOR = 5000; // milliseconds: Telegram shows an action no longer
const ANSWER_WITHIN = 15000; // milliseconds a pressed button waits
const FRAME = 16; // milliseconds: what comes within one is drawn, and read out, once
const RETRY = 1500; // milliseconds until a lost playground is asked for again
const NEAR = 120; // pixels from the end that still count as reading the newest

const messages = new Map(); // message id -> message
const groups = new Map(); // album or message -> { ids, node }
const reactions = new Map(); // message id -> reactions
const pressed = new Map(); // query -> button that waits for its answer
const stale = new Set(); // groups to draw in the next frame
const early = new Set(); // queries answered before the page knew their names
let follows = true; // the view stays at the end, whatever is drawn or loaded
let doingTimer = 0;
let connected = false;
let botThere = true;
let visit = 0; // counts places: what comes from an earlier one is too late

const isMine = (message) => message.from.id === known.me;
const isHere = (message) => (message.is_topic_message ? message.message_thread_id : 0) === topicHere();

const actions = {
  say: (text) => say(text),
  ask: beginQuery,
  isMine,
  more: (about, button) => openDeeds(about, isMine(about[0]), button),
  open(file) {
    const photos = [...messages.values()].map((message) => [message, pictureOf(message)]).filter(([, size]) => size);
    openPhoto(photos.map(([message, size]) => ({ file: size.file_id, words: message.caption ?? "" })), file);
  },
  find(id) {
    const node = groups.get(groupOf(messages.get(id) ?? { message_id: id }))?.node;
    node?.scrollIntoView({ block: "center" });
    node?.classList.add("found");
    setTimeout(() => node?.classList.remove("found"), 1200);
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
  say(text);
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

/** Whoever was at a button that was drawn anew stays there, or in the chat if it is gone. */
function focusAgain(node, label) {
  const same = [...node.querySelectorAll("button")].find((button) => labelOf(button) === label);
  (same ?? $("scroll")).focus({ preventScroll: true });
}

function drawNow(key) {
  const group = groups.get(key);
  if (!group) return; // deleted meanwhile
  const node = bubble(group.ids.map((id) => messages.get(id)), reactions, actions);
  const held = group.node?.contains(document.activeElement) ? labelOf(document.activeElement) : null;
  if (group.node) group.node.replaceWith(node);
  else $("log").append(node);
  group.node = node;
  if (held !== null) focusAgain(node, held);
}

function put(message) {
  if (!isHere(message)) return;
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
  log.setAttribute("aria-live", "off"); // what was said before is not read out again
  log.replaceChildren();
  [messages, groups, reactions, stale].forEach((kept) => kept.clear());
  event.reactions.forEach((one) => reactions.set(one.message_id, one.reactions));
  pressed.clear();
  known.here = event.chat;
  event.messages.forEach(put);
  showProfile(event.profile);
  showState();
  follows = true;
  drawStale();
  setTimeout(() => log.setAttribute("aria-live", "polite"), 1000);
}

function showProfile(profile) {
  known.profile = profile;
  $("welcome-title").textContent = known.here.type === "private" ? `Say hello to ${profile.name}` : "Nothing was said here yet";
  $("try").hidden = known.here.type !== "private";
  $("description").textContent = profile.description || "One small neural network: it captions photos and finds their kindred.";
  setCommands(profile.commands);
}

function showState() {
  const away = connected ? "The bot is away. What you send waits for it." : "The playground is away. Trying again…";
  $("away").textContent = away;
  $("away").hidden = connected && botThere;
  $("state").classList.toggle("there", connected && botThere);
  if (!known.here) return;
  const [title, about] = headline();
  $("name").textContent = title;
  $("scroll").setAttribute("aria-label", `Conversation: ${title}`);
  const line = [connected && botThere ? "online" : "away", ...about];
  if ($("state").textContent === line.join(" · ")) return; // nothing new to read out
  $("state").replaceChildren(...line.flatMap((words, number) => [number ? " · " : "", h("bdi", {}, words)]));
}

function doing(action) {
  const reading = nearEnd();
  clearTimeout(doingTimer);
  $("doing").hidden = action === null;
  if (reading) toEnd();
  if (action === null) return;
  $("doing-words").textContent = DOING[action] ?? "working…";
  doingTimer = setTimeout(() => doing(null), DOING_FOR);
}

function answer(event) {
  if (pressed.has(event.query)) settle(pressed.get(event.query));
  else early.add(event.query);
  pressed.delete(event.query);
  if (event.text) (event.alert ? alertBox : toast)(event.text);
  const payload = event.url ? payloadOf(event.url) : null;
  if (payload !== null) followLink(payload);
}

const HANDLERS = {
  history: restart,
  message({ message }) {
    if (message.from.is_bot && isHere(message)) doing(null);
    if (isMine(message)) follows = true;
    put(message);
  },
  edit: ({ message }) => put(message),
  delete: (event) => event.message_ids.forEach(remove),
  reaction(event) {
    reactions.set(event.message_id, event.reactions);
    if (messages.has(event.message_id)) draw(groupOf(messages.get(event.message_id)));
  },
  action: (event) => { if (event.topic === topicHere()) doing(event.action); },
  answer,
  profile: (event) => { showProfile(event); showState(); },
  chats: async () => { if (await orient()) showState(); },
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
keepsEnd.observe($("scroll"));
$("log").addEventListener("click", (event) => {
  const payload = payloadOf(event.target.closest("a")?.href ?? "");
  if (payload === null) return;
  event.preventDefault();
  followLink(payload);
});

/** Show the place the address names, and keep trying while the playground is away. */
async function enter() {
  const mine = visit += 1;
  unfollow();
  doing(null);
  const there = await orient();
  if (mine !== visit) return;
  if (there) follow((event) => HANDLERS[event.type]?.(event), () => { connected = true; showState(); }, lose);
  else lose();
}

function lose() {
  const mine = visit;
  connected = false;
  showState();
  forgetTraffic();
  setTimeout(() => { if (mine === visit) enter(); }, RETRY);
}

prepareComposer();
preparePlaces();
prepareTraffic();
onMove(() => { replyTo(null); enter(); });
enter();
