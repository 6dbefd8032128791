// The composer: text, commands with their menu, replies, edits, inline queries.

import { edit } from "./api.js";
import { prepareAttach } from "./attach.js";
import { $, h } from "./dom.js";
import { closeInline, onTyping, inlineKey } from "./inline.js";
import { summary } from "./messages.js";
import { send } from "./pending.js";
import { session } from "./session.js";

const text = $("text");
const menu = $("menu");
const DRAFT_KEY = `draft of ${new URLSearchParams(location.search).get("name") ?? ""}`; // for this tab only
let commands = [];
let marked = -1; // the command that the arrow keys have reached
let quoted = null; // the message that is replied to, or edited
let editing = false;

/** Set the commands of the menu. */
export function setCommands(list) {
  commands = list;
  $("commands").hidden = list.length === 0;
}

function quote(message, about) {
  quoted = message;
  $("quoting").hidden = message === null;
  if (message === null) return;
  $("quoting-words").replaceChildren(h("b", { dir: "auto" }, about), ` ${summary(message)}`);
  text.focus();
}

/** Reply to a message, or to none. */
export function replyTo(message) {
  if (editing) text.value = "";
  editing = false;
  quote(message, message && `Reply to ${message.from.first_name}`);
  grow();
}

/** Edit one of the person's messages. */
export function startEdit(message) {
  quote(message, "Edit");
  editing = true;
  text.value = message.text ?? message.caption ?? "";
  grow();
}

/** Begin an inline query. */
export function beginQuery(words) {
  text.value = `@${session.profile.username} ${words}`;
  text.focus();
  text.dispatchEvent(new Event("input"));
}

function grow() {
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight}px`;
  $("send").disabled = text.value.trim() === "";
  if (!editing) sessionStorage.setItem(DRAFT_KEY, text.value);
}

async function submit() {
  const words = text.value.trim();
  if (!words) return;
  const sending = editing ? edit(quoted.message_id, words) : send(words, quoted?.message_id);
  text.value = "";
  closeMenu();
  closeInline();
  grow();
  if ((await sending) === null && !text.value) text.value = words;
  else endQuote();
  grow();
}

function endQuote() {
  editing = false; // what was typed meanwhile stays
  replyTo(null);
}

function matching() {
  const typed = /^\/(\w*)$/.exec(text.value);
  return typed ? commands.filter((one) => one.command.startsWith(typed[1].toLowerCase())) : [];
}

function closeMenu() {
  menu.hidden = true;
  marked = -1;
  text.removeAttribute("aria-activedescendant");
}

function mark(index) {
  const options = [...menu.children];
  marked = (index + options.length) % options.length;
  options.forEach((option, n) => option.setAttribute("aria-selected", String(n === marked)));
  options[marked].scrollIntoView({ block: "nearest" });
  text.setAttribute("aria-activedescendant", options[marked].id);
}

function choose(command) {
  text.value = `/${command}`;
  submit();
  text.focus();
}

function openMenu() {
  const matches = matching();
  if (!matches.length) return closeMenu();
  menu.replaceChildren(...matches.map((one) =>
    h("div", { role: "option", id: `command-${one.command}`, class: "option", onmousedown: (event) => event.preventDefault(), onclick: () => choose(one.command) },
      h("b", {}, `/${one.command}`), h("span", {}, one.description))));
  menu.hidden = false;
  mark(0);
}

function menuKey(event) {
  const moves = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in moves) mark(marked + moves[event.key]);
  else if (event.key === "Enter" || event.key === "Tab") choose(menu.children[marked].id.replace("command-", ""));
  else if (event.key === "Escape") closeMenu();
  else return;
  event.preventDefault();
}

function keydown(event) {
  if (event.isComposing) return;
  if (!menu.hidden) menuKey(event);
  if (!event.defaultPrevented) inlineKey(event);
  if (event.defaultPrevented) return;
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    submit();
  } else if (event.key === "Escape") replyTo(null);
}

/** Wire everything up, once. */
export function prepareComposer() {
  $("composer").addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  text.addEventListener("input", () => { grow(); openMenu(); onTyping(); });
  text.addEventListener("keydown", keydown);
  text.addEventListener("blur", closeMenu);
  $("quoting-off").addEventListener("click", () => { replyTo(null); text.focus(); });
  $("commands").addEventListener("click", () => { text.value = "/"; text.focus(); grow(); openMenu(); });
  prepareAttach(() => (editing ? 0 : quoted?.message_id ?? 0), () => { replyTo(null); grow(); });
  text.value = sessionStorage.getItem(DRAFT_KEY) ?? "";
  grow();
  if (matchMedia("(hover: hover)").matches) text.focus();
}
