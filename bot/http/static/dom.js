// DOM helpers: elements are built node by node, so no text is ever parsed as HTML.

export const $ = (id) => document.getElementById(id);

/** Build an element: `on…` keys are listeners, true sets a bare attribute, null and false are left out. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** Build a button. */
export const knob = (label, onclick, properties = {}) => h("button", { type: "button", onclick, ...properties }, label);

/** Put a text on the clipboard. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast("Copied");
  } catch {
    toast("The browser does not let this page copy. Select the text instead.");
  }
}

const SVG = "http://www.w3.org/2000/svg";

/** Draw one of the page's line icons. */
export function icon(path) {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  drawing.append(line);
  return drawing;
}

let toastTimer = 0;

/** Say something for a moment, above the composer. */
export function toast(words) {
  const box = $("toast");
  box.hidePopover(); // shown again, it lies over whatever was opened since
  box.showPopover();
  box.textContent = words;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => box.hidePopover(), 1500 + 50 * words.length);
}

/** Say something that must be closed by hand. */
export function alertBox(words) {
  $("alert-words").textContent = words;
  if (!$("alert").open) $("alert").showModal();
}

$("alert-off")?.addEventListener("click", () => $("alert").close());

/** Close a dialog when its backdrop is clicked. */
export function closeOnBackdrop(dialog) {
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
}
