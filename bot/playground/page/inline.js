// Inline queries: `@bot words` in the composer shows the bot's results; one of them can be sent.

import { ask, choose, mediaAddress, start } from "./api.js";
import { $, h, knob } from "./dom.js";
import { session } from "./session.js";

const PAUSE = 300; // milliseconds without typing until the query is sent
const NEAR = 160; // pixels from the end at which the next page is fetched
const box = $("inline");
const text = $("text");
let timer = 0;
let queryCount = 0; // an answer to an earlier query is too late
let words = null; // of the query whose results are shown
let results = [];
let next = "";
let loading = false;
let marked = -1;

function typed() {
  const match = /^@(\w+)\s([^]*)$/.exec(text.value);
  return match && match[1].toLowerCase() === session.profile.username.toLowerCase() ? match[2] : null;
}

/** Close the results. */
export function closeInline() {
  clearTimeout(timer);
  queryCount += 1;
  words = null;
  if (box.hidden) return; // the command menu may be open: its ARIA state stays
  box.hidden = true;
  mark(-1);
}

function showStatus(line) {
  $("inline-state").textContent = line;
  $("inline-state").hidden = line === "";
}

function option(result, number) {
  const pick = { role: "option", id: `result-${number}`, "aria-selected": "false", onclick: () => send(result) };
  const label = result.title || result.description || result.text || `Result ${number + 1}`;
  if (!result.photo) return h("div", { ...pick, class: "option article" }, h("b", { dir: "auto" }, label), h("span", { dir: "auto" }, result.description));
  return h("div", { ...pick, class: "result", "aria-label": label, title: label }, h("img", { src: mediaAddress(result.photo), alt: "", loading: "lazy" }));
}

function show(reply) {
  const fresh = reply.results.map((result, number) => option(result, results.length + number));
  results = [...results, ...reply.results];
  next = reply.next_offset;
  $("results").append(...fresh);
  const { text: label, start_parameter: payload } = reply.button ?? {};
  if (label) $("inline-button").replaceChildren(knob(label, () => startWith(payload), { class: "quiet" }));
  showStatus(results.length ? "" : "Nothing was found for this.");
  if (reply.results.length) fetchMore();
}

function fetchMore() {
  if (next && !loading && box.scrollHeight - box.scrollTop - box.clientHeight < NEAR) fetchPage(words, next);
}

function startWith(payload) {
  text.value = "";
  text.dispatchEvent(new Event("input"));
  start(payload ?? "");
}

async function fetchPage(query, offset) {
  const mine = queryCount;
  loading = true;
  const reply = await ask(query, offset, (why) => { if (mine === queryCount) showStatus(`${why[0].toUpperCase()}${why.slice(1)}.`); });
  if (mine !== queryCount) return; // something else was typed meanwhile
  loading = false;
  if (reply === null) next = "";
  else show(reply);
}

function begin(query) {
  queryCount += 1;
  words = query;
  results = [];
  next = "";
  $("results").replaceChildren();
  $("inline-button").replaceChildren();
  mark(-1);
  showStatus("Asking the bot…");
  box.hidden = false;
  box.scrollTop = 0;
  fetchPage(query, "");
}

async function send(result) {
  const typedText = text.value;
  text.value = "";
  text.dispatchEvent(new Event("input"));
  if ((await choose(result.id)) === null) text.value = typedText;
  text.focus();
}

function mark(index) {
  const options = [...$("results").children];
  marked = options.length ? Math.min(index, options.length - 1) : -1;
  options.forEach((one, number) => one.setAttribute("aria-selected", String(number === marked)));
  if (marked < 0) return text.removeAttribute("aria-activedescendant");
  options[marked].scrollIntoView({ block: "nearest" });
  text.setAttribute("aria-activedescendant", options[marked].id);
}

const columns = () => getComputedStyle($("results")).gridTemplateColumns.split(" ").length;
const across = () => (results[Math.max(marked, 0)]?.photo ? columns() : 1); // an article fills a row

/** Handle a key, if the results are shown. */
export function inlineKey(event) {
  const steps = { ArrowDown: marked < 0 ? 1 : across(), ArrowUp: -across(), ...(marked >= 0 ? { ArrowRight: 1, ArrowLeft: -1 } : {}) };
  if (box.hidden) return;
  if (event.key in steps) mark(Math.max(marked + steps[event.key], -1));
  else if (event.key === "Enter" && !event.shiftKey && results.length) send(results[Math.max(marked, 0)]);
  else if (event.key === "Enter" && !event.shiftKey) showStatus("There is nothing to choose yet.");
  else if (event.key === "Escape") closeInline();
  else return;
  event.preventDefault();
}

/** Send an inline query if the text is one. */
export function onTyping() {
  const query = typed();
  if (query === null) return closeInline();
  if (query === words) return;
  clearTimeout(timer);
  timer = setTimeout(() => begin(query), PAUSE);
}

box.addEventListener("scroll", fetchMore, { passive: true });
box.addEventListener("mousedown", (event) => { if (!event.target.closest("button")) event.preventDefault(); });
text.addEventListener("blur", ({ relatedTarget: to }) => { if (to !== null && !box.contains(to)) closeInline(); });
