// The menu of a message: reply, edit, copy its text.

import { startEdit, replyTo } from "./composer.js";
import { $, copy, knob } from "./dom.js";

const GAP = 4; // pixels between a button and its menu
const menu = $("message-menu");

function itemsFor(messages, mine) {
  const spoken = messages.find((message) => message.text ?? message.caption) ?? messages[0];
  const words = spoken.text ?? spoken.caption;
  return [
    ["Reply", () => replyTo(messages[0])],
    mine && !spoken.via_bot && (spoken.text || spoken.photo || spoken.document) && ["Edit", () => startEdit(spoken)],
    words && ["Copy text", () => copy(words)],
  ].filter(Boolean);
}

function place(button) {
  const at = button.getBoundingClientRect();
  const left = Math.min(at.left, innerWidth - menu.offsetWidth - GAP);
  const below = at.bottom + GAP + menu.offsetHeight < innerHeight;
  menu.style.left = `${Math.max(left, GAP)}px`;
  menu.style.top = `${below ? at.bottom + GAP : Math.max(at.top - GAP - menu.offsetHeight, GAP)}px`;
}

/** Open the menu of these messages beside the button that was pressed. */
export function openMenu(messages, mine, button) {
  menu.replaceChildren(...itemsFor(messages, mine).map(([label, act]) =>
    knob(label, () => { menu.hidePopover(); act(); }, { role: "menuitem", class: "option" })));
  menu.showPopover();
  place(button);
  menu.firstElementChild.focus();
}

menu.addEventListener("keydown", (event) => {
  const moves = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key === "Tab") menu.hidePopover();
  if (!(event.key in moves)) return;
  event.preventDefault();
  const items = [...menu.children];
  items[(items.indexOf(document.activeElement) + moves[event.key] + items.length) % items.length].focus();
});
