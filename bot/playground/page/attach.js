// Files attached, pasted or dropped: shown in a preview, then sent as photos or as files.

import { sendFiles } from "./api.js";
import { $, closeOnBackdrop, h, icon, toast } from "./dom.js";

const MOST_FILES = 10; // an album holds no more
const text = $("text");
let attached = [];
let repliedTo = () => 0; // id of the message the composer replies to
let afterwards = () => {};

function previewOf(file) {
  const face = file.type.startsWith("image/") ? h("img", { src: URL.createObjectURL(file), alt: "" }) : icon("M7 3h7l4 4v14H7zM14 3v4h4");
  const off = h("button", { type: "button", class: "remove", "aria-label": `Remove ${file.name}`, onclick: () => detach(file) }, icon("M6 6l12 12M18 6 6 18"));
  return h("figure", {}, face, h("figcaption", {}, file.name || "pasted image"), off);
}

function showPreviews() {
  document.querySelectorAll("#previews img").forEach((image) => URL.revokeObjectURL(image.src));
  $("previews").replaceChildren(...attached.map(previewOf));
  $("preview-title").textContent = attached.length > 1 ? `Send ${attached.length} files` : "Send a file";
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
  if (attached.length > MOST_FILES) toast(`One album holds ${MOST_FILES} files`);
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
  const sent = await sendFiles(attached, $("caption").value, $("kind").value === "file", repliedTo());
  button.removeAttribute("aria-busy");
  if (sent === null) return; // what was chosen stays, for another try
  if ($("caption").value === text.value) text.value = "";
  $("preview").close();
  afterwards();
}

function forget() {
  attached = [];
  showPreviews();
  $("files").value = "";
  $("kind").value = "photo";
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

/** Wire it up, once: `replyingTo` returns the id of the message replied to, `onSent` is called after sending. */
export function prepareAttach(replyingTo, onSent) {
  repliedTo = replyingTo;
  afterwards = onSent;
  $("attach").addEventListener("click", () => $("files").click());
  $("files").addEventListener("change", () => attach([...$("files").files]));
  window.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length) { event.preventDefault(); attach(files); }
  });
  preparePreview();
  prepareDrop();
}
