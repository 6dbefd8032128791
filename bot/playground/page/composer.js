// Typing, the command menu, replies, and photos attached, pasted or dropped.

import { say, sendFiles } from "./api.js";
import { $, closeOnBackdrop, h, icon, toast } from "./dom.js";
import { summary } from "./messages.js";

const MOST_FILES = 10; // an album holds no more
const text = $("text");
const menu = $("menu");
let commands = [];
let marked = -1; // the command the arrow keys are at
let quoted = null;
let attached = [];

/** Take over the commands the bot set. */
export function setCommands(list) {
  commands = list;
  $("commands").hidden = list.length === 0;
}

/** Answer to one message. */
export function replyTo(message) {
  quoted = message;
  $("quoting").hidden = message === null;
  if (message === null) return;
  $("quoting-words").replaceChildren(h("b", {}, `Reply to ${message.from.first_name}`), ` ${summary(message)}`);
  text.focus();
}

function grow() {
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight}px`;
  $("send").disabled = text.value.trim() === "";
}

async function submit() {
  const words = text.value.trim();
  if (!words) return;
  text.value = "";
  closeMenu();
  grow();
  if ((await say(words, quoted?.message_id)) === null && !text.value) text.value = words;
  else replyTo(null);
  grow();
}

function matching() {
  const typed = /^\/(\w*)$/.exec(text.value);
  return typed ? commands.filter((one) => one.command.startsWith(typed[1].toLowerCase())) : [];
}

function closeMenu() {
  menu.hidden = true;
  marked = -1;
  text.setAttribute("aria-expanded", "false");
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
  const found = matching();
  if (!found.length) return closeMenu();
  menu.replaceChildren(...found.map((one) =>
    h("div", { role: "option", id: `command-${one.command}`, class: "option", onmousedown: (event) => event.preventDefault(), onclick: () => choose(one.command) },
      h("b", {}, `/${one.command}`), h("span", {}, one.description))));
  menu.hidden = false;
  text.setAttribute("aria-expanded", "true");
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
  if (event.defaultPrevented) return;
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    submit();
  } else if (event.key === "Escape") replyTo(null);
}

function previewOf(file) {
  const face = file.type.startsWith("image/") ? h("img", { src: URL.createObjectURL(file), alt: "" }) : icon("M7 3h7l4 4v14H7zM14 3v4h4");
  const off = h("button", { type: "button", class: "remove", "aria-label": `Remove ${file.name}`, onclick: () => detach(file) }, icon("M6 6l12 12M18 6 6 18"));
  return h("figure", {}, face, h("figcaption", {}, file.name || "pasted image"), off);
}

function showPreviews() {
  document.querySelectorAll("#previews img").forEach((image) => URL.revokeObjectURL(image.src));
  $("previews").replaceChildren(...attached.map(previewOf));
  $("preview-title").textContent = attached.length > 1 ? `Send ${attached.length} photos` : "Send a photo";
}

function detach(file) {
  attached = attached.filter((other) => other !== file);
  if (!attached.length) return $("preview").close();
  showPreviews();
  $("caption").focus();
}

function attach(files) {
  if (!files.length) return;
  attached = [...attached, ...files];
  if (attached.length > MOST_FILES) toast(`One album holds ${MOST_FILES} photos`);
  attached = attached.slice(0, MOST_FILES);
  showPreviews();
  if (!$("preview").open) {
    $("caption").value = text.value.startsWith("/") ? "" : text.value;
    $("preview").showModal();
  }
  $("caption").focus();
}

async function sendAttached() {
  const button = $("preview-send");
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  const sent = await sendFiles(attached, $("caption").value, $("as-file").checked);
  button.removeAttribute("aria-busy");
  if (sent === null) return; // what was chosen stays, for another try
  if ($("caption").value === text.value) text.value = "";
  $("preview").close();
  grow();
}

function forget() {
  attached = [];
  showPreviews();
  $("files").value = "";
  $("as-file").checked = false;
  text.focus();
}

function prepareDrop() {
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  const over = (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    $("drop").hidden = false;
  };
  window.addEventListener("dragenter", over);
  window.addEventListener("dragover", over);
  window.addEventListener("dragleave", (event) => { if (event.relatedTarget === null) $("drop").hidden = true; });
  window.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    $("drop").hidden = true;
    attach([...event.dataTransfer.files]);
  });
}

function preparePreview() {
  $("preview-off").addEventListener("click", () => $("preview").close());
  $("preview-send").addEventListener("click", sendAttached);
  $("preview").addEventListener("close", forget);
  $("caption").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    sendAttached();
  });
  closeOnBackdrop($("preview"));
}

/** Wire everything up, once. */
export function prepareComposer() {
  $("composer").addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  text.addEventListener("input", () => { grow(); openMenu(); });
  text.addEventListener("keydown", keydown);
  text.addEventListener("blur", closeMenu);
  $("quoting-off").addEventListener("click", () => { replyTo(null); text.focus(); });
  $("commands").addEventListener("click", () => { text.value = "/"; text.focus(); grow(); openMenu(); });
  $("attach").addEventListener("click", () => $("files").click());
  $("files").addEventListener("change", () => attach([...$("files").files]));
  window.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length) { event.preventDefault(); attach(files); }
  });
  preparePreview();
  prepareDrop();
  if (matchMedia("(hover: hover)").matches) text.focus();
}
