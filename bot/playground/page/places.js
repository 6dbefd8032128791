// People and chats: whose app this is, which chat is open, how the bot stands in it.

import { arrange, look, start } from "./api.js";
import { $, h, knob, refill } from "./dom.js";
import { giveWay, preparePanel } from "./panel.js";
import { correctTo, go, place } from "./place.js";

const LANGUAGES = ["en", "de", "es", "fr", "it", "pt-br", "nl", "pl", "ru", "uk", "tr", "ar", "fa", "he", "hi", "id", "ja", "ko", "zh-hans"];
const STRANGE = [
  "<b>Bob</b>", "O'Neil & \"Søn\"", "李小龍", "أميرة", "👩‍👩‍👧‍👦🏳️‍🌈", "\u202edesreveR", "Z̷̛a͝l̵g̶͢o", "/start",
  "Wolfeschlegelsteinhausenbergerdorff ".repeat(2).trim(), "null",
];
const KINDS = { private: "private chat", group: "group", supergroup: "supergroup" };
const STANDS = {
  private: { left: "The bot was not written to yet.", member: "The bot may write to you.", kicked: "You blocked the bot." },
  group: { left: "The bot is not in this group.", kicked: "The bot was removed.", member: "The bot is a member.", administrator: "The bot is an administrator." },
};
const MOVES = {
  private: { member: [["Block the bot", "kicked"]], kicked: [["Unblock the bot", "member"]] },
  group: {
    left: [["Add the bot", "member"]],
    kicked: [["Add the bot", "member"]],
    member: [["Make it an administrator", "administrator"], ["Remove it", "kicked"]],
    administrator: [["Make it a plain member", "member"], ["Remove it", "kicked"]],
  },
};
const languageNames = new Intl.DisplayNames(["en"], { type: "language" });
const panel = $("places");
let strange = 0;

/** What the page knows of its place: the person's `name` and id `me`, `people`, `chats`, the chat `here`, the bot's `profile`. */
export const known = { name: "", me: 0, people: [], chats: [], here: null, profile: { name: "the bot", username: "" } };

/** The number of the topic that is open, 0 for the general one. */
export const topicHere = () => Number(place.topic);

/** The address of this place, to pass on. */
const near = (chat, topic = "") => ({ name: known.name, chat: chat.type === "private" ? "" : chat.id, topic });

/** Learn who is where; false if the playground is away. What the address names and is gone is left. */
export async function orient() {
  const [chats, people] = [await look("chats"), await look("people")];
  if (chats === null || people === null) return false;
  const [own] = chats;
  const here = chats.find((chat) => String(chat.id) === place.chat) ?? own;
  Object.assign(known, { name: own.title, me: own.id, people, chats, here });
  const lost = (place.chat && String(here.id) !== place.chat) || (place.topic && !here.topics.some((topic) => String(topic.id) === place.topic));
  if (lost) correctTo(near(here));
  if (panel.open) draw();
  return true;
}

/** The title of the open chat, and what to say below it. */
export function headline() {
  const { here, name, profile } = known;
  if (here.type === "private") return [profile.name, [name]];
  const topic = here.topics.find((one) => one.id === topicHere());
  return [here.title, [...(topic ? [topic.name] : here.forum ? ["General"] : []), name]];
}

function choice(key, current, label, onclick, ...about) {
  return h("button", { type: "button", class: "option", "data-key": key, "aria-current": current ? "true" : null, onclick }, h("bdi", {}, label), ...about);
}

function visit(where) {
  go(where);
  giveWay(panel);
}

function chatRows(chat) {
  const open = chat.id === known.here.id;
  const title = chat.type === "private" ? known.profile.name : chat.title;
  const row = choice(`chat${chat.id}`, open && !topicHere(), title, () => visit(near(chat)), h("small", {}, chat.forum ? "topics" : KINDS[chat.type]));
  const topics = chat.topics.map((topic) =>
    choice(`topic${chat.id}/${topic.id}`, open && topicHere() === topic.id, topic.name, () => visit(near(chat, topic.id)), h("small", {}, "topic")));
  return [row, topics.length ? h("div", { class: "nested" }, topics) : null];
}

function drawStanding() {
  const kind = known.here.type === "private" ? "private" : "group";
  $("standing").textContent = STANDS[kind][known.here.bot];
  const moves = MOVES[kind][known.here.bot] ?? [];
  refill($("standing-moves"), moves.map(([label, standing], number) =>
    knob(label, () => arrange("bot", { standing }), { class: "quiet", "data-key": `move${number}` })));
}

function drawLanguage() {
  const language = known.people.find((one) => one.id === known.me)?.language ?? "";
  const codes = LANGUAGES.includes(language) || !language ? LANGUAGES : [...LANGUAGES, language];
  $("language").replaceChildren(h("option", { value: "" }, "not told"), ...codes.map((code) => h("option", { value: code }, `${languageNames.of(code)} (${code})`)));
  $("language").value = language;
}

function drawOthers() {
  const chosen = new Set([...$("group-people").querySelectorAll(":checked")].map((box) => box.value));
  const others = known.people.filter((one) => one.id !== known.me);
  refill($("group-people"), others.map((one) =>
    h("label", { class: "check" }, h("input", { type: "checkbox", value: one.name, checked: chosen.has(one.name), "data-key": `with${one.id}` }), h("bdi", {}, one.name))));
  $("group-alone").hidden = others.length > 0;
}

function draw() {
  refill($("people"), known.people.map((one) =>
    choice(`person${one.id}`, one.id === known.me, one.name, () => go({ name: one.name }), h("small", {}, one.language))));
  refill($("chats"), known.chats.flatMap(chatRows));
  drawStanding();
  drawLanguage();
  drawOthers();
  $("topic-form").hidden = !known.here.forum;
}

async function meet(name) {
  const met = await arrange("people", { name });
  if (met !== null) go({ name: met.name });
}

async function makeGroup() {
  const kind = $("group-kind").value;
  const made = await arrange("groups", {
    title: $("group-title").value,
    people: [...$("group-people").querySelectorAll(":checked")].map((box) => box.value),
    basic: kind === "basic",
    topics: kind === "topics",
    bot: $("group-bot").checked,
  });
  if (made === null) return;
  $("group-form").reset();
  $("group-new").open = false;
  visit({ name: known.name, chat: made.id });
}

async function openTopic() {
  const made = await arrange("topics", { title: $("topic-title").value });
  if (made === null) return;
  $("topic-form").reset();
  visit(near(known.here, made.id));
}

/** Follow a link `t.me/<bot>?start=<payload>` as the app does: in the person's own chat. */
export async function followLink(payload) {
  if ((await start(payload)) !== null) visit({ name: known.name });
}

/** The payload of a link to this bot, or null for any other link. */
export function payloadOf(address) {
  const url = URL.canParse(address) ? new URL(address) : null;
  const named = url?.protocol === "tg:" ? url.searchParams.get("domain") : url?.hostname === "t.me" ? url.pathname.slice(1) : null;
  return named && named.toLowerCase() === known.profile.username.toLowerCase() ? url.searchParams.get("start") ?? "" : null;
}

const payloadTyped = (words) => payloadOf(words) ?? payloadOf(`https://${words}`) ?? words;

function onSubmit(form, does) {
  $(form).addEventListener("submit", (event) => { event.preventDefault(); does(); });
}

/** Wire the panel up, once. */
export function preparePlaces() {
  preparePanel("places", draw);
  onSubmit("person-form", async () => { await meet($("person-name").value); $("person-form").reset(); });
  onSubmit("group-form", makeGroup);
  onSubmit("topic-form", openTopic);
  onSubmit("link-form", () => followLink(payloadTyped($("link").value.trim())));
  $("person-strange").addEventListener("click", () => meet(STRANGE[strange++ % STRANGE.length]));
  $("language").addEventListener("change", async () => {
    if ((await arrange("people", { name: known.name, language: $("language").value })) !== null) go(place);
  });
}
