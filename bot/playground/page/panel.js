// Panels beside the chat; where there is no room beside it, they lie over it.

import { $ } from "./dom.js";

const roomy = matchMedia("(min-width: 1000px)");
const knobs = new Map(); // panel -> its button

function show(panel) {
  if (roomy.matches) panel.show();
  else panel.showModal();
  knobs.get(panel).setAttribute("aria-expanded", "true");
}

/** Close a panel that lies over the chat; one beside it may stay. */
export function giveWay(panel) {
  if (!roomy.matches) panel.close();
}

/** Let a button open and close a panel; `onOpen` and `onClose` hear of it. */
export function preparePanel(name, onOpen, onClose = () => {}) {
  const panel = $(name);
  const button = $(`${name}-on`);
  knobs.set(panel, button);
  button.addEventListener("click", () => {
    if (panel.open) return panel.close();
    onOpen();
    show(panel);
  });
  $(`${name}-off`).addEventListener("click", () => panel.close());
  panel.addEventListener("keydown", (event) => { if (event.key === "Escape") panel.close(); });
  panel.addEventListener("close", () => {
    if (panel.open) return; // it was only moved
    button.setAttribute("aria-expanded", "false");
    onClose();
  });
  roomy.addEventListener("change", () => {
    if (!panel.open) return;
    panel.close();
    onOpen();
    show(panel);
  });
}
