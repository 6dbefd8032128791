// Inline queries: `@bot words` in the composer shows the bot's results; one of them can be sent.

import { ask, choose, mediaAddress, start } from "./api.js";
import { $, h, knob } from "./dom.js";
import { session } from "./session.js";

const PAUSE = 300; // milliseconds of not typing until the bot is asked
const NEAR = 160; // pixels from the end at which the next page is fetched
const box = $("inline");
const text = $("text");
let timer = 0;
let asked = 0; // counts queries: what comes for an earlier one is too late
let words = null; // of the query whose results are shown
let results = [];
let next = "";
let loading = false;
let marked = -1;

function typed() {
  const found = /^@(\w+)\s([^]*)$/.exec(text.value);
  return found && found[1].toLowerCase() === session.profile.username.toLowerCase() ? found[2] : null;
}

/** Show nothing more. */
export function closeInline() {
  clearTimeout(timer);
  asked += 1;
  words = null;
  if (box.hidden) return; // the command menu may be open: what it tells of itself stays
  box.hidden = true;
  mark(-1);
}

function tell(line) {
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
  if (label) $("inline-button").replaceChildren(knob(label, () => leaveFor(payload), { class: "quiet" }));
  tell(results.length ? "" : "Nothing was found for this.");
  if (reply.results.length) fetchMore();
}

function fetchMore() {
  if (next && !loading && box.scrollHeight - box.scrollTop - box.clientHeight < NEAR) fetchPage(words, next);
}

function leaveFor(payload) {
  text.value = "";
  closeInline();
  start(payload ?? "");
}

async function fetchPage(query, offset) {
  const mine = asked;
  loading = true;
  const reply = await ask(query, offset, (why) => { if (mine === asked) tell(`${why[0].toUpperCase()}${why.slice(1)}.`); });
  if (mine !== asked) return; // something else was typed meanwhile
  loading = false;
  if (reply === null) next = "";
  else show(reply);
}

function begin(query) {
  asked += 1;
  words = query;
  results = [];
  next = "";
  $("results").replaceChildren();
  $("inline-button").replaceChildren();
  mark(-1);
  tell("Asking the bot…");
  box.hidden = false;
  box.scrollTop = 0;
  fetchPage(query, "");
}

async function send(result) {
  const kept = text.value;
  text.value = "";
  text.dispatchEvent(new Event("input"));
  if ((await choose(result.id)) === null) text.value = kept;
  text.focus();
}

function mark(index) {
  const options = [...$("results").children];
  marked = options.length ? Math.min(index, options.length - 1) : -1;
  options.forEach((one, number) => one.setAttribute("aria-selected", String(number === marked)));
  text.setAttribute("aria-expanded", String(!box.hidden));
  if (marked < 0) return text.removeAttribute("aria-activedescendant");
  options[marked].scrollIntoView({ block: "nearest" });
  text.setAttribute("aria-activedescendant", options[marked].id);
}

const columns = () => getComputedStyle($("results")).gridTemplateColumns.split(" ").length;
const across = () => (results[Math.max(marked, 0)]?.photo ? columns() : 1); // an article fills a row

/** Take a key, if the results are shown and it is for them. */
export function inlineKey(event) {
  const steps = { ArrowDown: marked < 0 ? 1 : across(), ArrowUp: -across(), ...(marked >= 0 ? { ArrowRight: 1, ArrowLeft: -1 } : {}) };
  if (box.hidden) return;
  if (event.key in steps) mark(Math.max(marked + steps[event.key], -1));
  else if (event.key === "Enter" && !event.shiftKey && results.length) send(results[Math.max(marked, 0)]);
  else if (event.key === "Enter" && !event.shiftKey) tell("There is nothing to choose yet.");
  else if (event.key === "Escape") closeInline();
  else return;
  event.preventDefault();
}

/** See whether what is typed asks the bot, and ask. */
export function heedTyping() {
  const query = typed();
  if (query === null) return closeInline();
  if (query === words) return;
  clearTimeout(timer);
  timer = setTimeout(() => begin(query), PAUSE);
}

box.addEventListener("scroll", fetchMore, { passive: true });
box.addEventListener("mousedown", (event) => { if (!event.target.closest("button")) event.preventDefault(); });
text.addEventListener("blur", ({ relatedTarget: to }) => { if (to !== null && !box.contains(to)) closeInline(); });
