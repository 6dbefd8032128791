// What can be done with a message: reply, edit, copy its words, forward.

import { forward } from "./api.js";
import { correct, replyTo } from "./composer.js";
import { $, closeOnBackdrop, copy, h, knob, toast } from "./dom.js";
import { known } from "./places.js";

const GAP = 4; // pixels between a button and its menu
const menu = $("deeds");
let forwarded = [];

const wordsOf = (messages) => messages.find((message) => message.text ?? message.caption) ?? messages[0];

function deedsFor(messages, mine) {
  const spoken = wordsOf(messages);
  const words = spoken.text ?? spoken.caption;
  return [
    ["Reply", () => replyTo(messages[0])],
    mine && !spoken.via_bot && (spoken.text || spoken.photo || spoken.document || spoken.video) && ["Edit", () => correct(spoken)],
    words && ["Copy text", () => copy(words)],
    ["Forward", () => openForward(messages)],
  ].filter(Boolean);
}

function place(button) {
  const at = button.getBoundingClientRect();
  const left = Math.min(at.left, innerWidth - menu.offsetWidth - GAP);
  const below = at.bottom + GAP + menu.offsetHeight < innerHeight;
  menu.style.left = `${Math.max(left, GAP)}px`;
  menu.style.top = `${below ? at.bottom + GAP : Math.max(at.top - GAP - menu.offsetHeight, GAP)}px`;
}

/** Offer what can be done with these messages, beside the button that was pressed. */
export function openDeeds(messages, mine, button) {
  menu.replaceChildren(...deedsFor(messages, mine).map(([label, does]) =>
    knob(label, () => { menu.hidePopover(); does(); }, { role: "menuitem", class: "option" })));
  menu.showPopover();
  place(button);
  menu.firstElementChild.focus();
}

function walk(event) {
  const moves = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key === "Tab") menu.hidePopover();
  if (!(event.key in moves)) return;
  event.preventDefault();
  const items = [...menu.children];
  items[(items.indexOf(document.activeElement) + moves[event.key] + items.length) % items.length].focus();
}

function targets() {
  return known.chats.flatMap((chat) => {
    const title = chat.type === "private" ? known.profile.name : chat.title;
    const topics = chat.topics.map((topic) => ({ title: `${title}: ${topic.name}`, chat: chat.id, topic: topic.id }));
    return [{ title, chat: chat.id, topic: "" }, ...topics];
  });
}

function openForward(messages) {
  forwarded = messages.map((message) => message.message_id);
  $("forward-places").replaceChildren(...targets().map((where) => knob(h("bdi", {}, where.title), () => sendOn(where), { class: "option" })));
  $("forward").showModal();
}

async function sendOn({ title, chat, topic }) {
  const where = { name: known.name, chat, topic };
  if ((await forward(forwarded, known.here.id, where, $("forward-hidden").checked)) === null) return;
  $("forward").close();
  if (chat !== known.here.id) toast(`Forwarded to ${title}`);
}

menu.addEventListener("keydown", walk);
$("forward-off").addEventListener("click", () => $("forward").close());
closeOnBackdrop($("forward"));
