// One bubble: a message, or all messages of an album together.

import { copy, h, icon, knob } from "./dom.js";
import { formatted } from "./entities.js";
import { media, nameOf } from "./media.js";

const QUERIES = ["switch_inline_query", "switch_inline_query_current_chat", "switch_inline_query_chosen_chat"];
const DOTS = "M5 12h.01M12 12h.01M19 12h.01";
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

/** One line about a message, for quotes. */
export const summary = (message) => message.text ?? message.caption ?? nameOf(message);

const writer = (message, actions) => (actions.isMine(message) ? "You" : message.from.first_name);

function quote(message, actions) {
  const original = message.reply_to_message;
  if (!original) return null;
  return h("button", { type: "button", class: "quote", onclick: () => actions.find(original.message_id) },
    h("b", { dir: "auto" }, writer(original, actions)), h("span", { dir: "auto" }, summary(original)));
}

function origin(message) {
  const { forward_origin: from, via_bot: bot } = message;
  const author = from?.sender_user?.first_name ?? from?.sender_user_name ?? from?.chat?.title;
  return [
    from ? h("p", { class: "origin" }, "Forwarded from ", h("bdi", {}, author ?? "somewhere")) : null,
    bot ? h("p", { class: "origin" }, `via @${bot.username}`) : null,
  ];
}

function key(button, message, row, column, actions) {
  if (button.url) {
    return h("a", { class: "key", href: button.url, target: "_blank", rel: "noopener noreferrer" }, button.text, icon("M9 7h8v8M17 7 7 17"));
  }
  const words = QUERIES.map((name) => button[name]?.query ?? button[name]).find((query) => query !== undefined);
  if (words !== undefined) return knob(button.text, () => actions.ask(words), { class: "key" });
  if (button.copy_text) return knob(button.text, () => copy(button.copy_text.text), { class: "key" });
  const pressed = (event) => actions.press(event.currentTarget, message.message_id, row, column);
  return knob(button.text, pressed, { class: "key" });
}

function keyboard(message, actions) {
  const rows = message.reply_markup?.inline_keyboard ?? [];
  if (!rows.length) return null;
  return h("div", { class: "keyboard", role: "group", "aria-label": "Buttons" }, rows.map((buttons, row) =>
    h("div", { class: "keys" }, buttons.map((button, column) => key(button, message, row, column, actions)))));
}

function meta(message) {
  const time = new Date(message.date * 1000);
  const edited = message.edit_date ? h("span", {}, "edited ") : null;
  return h("small", { class: "meta" }, edited, h("time", { datetime: time.toISOString(), dir: "ltr" }, clock.format(time)));
}

function words(message, actions) {
  const text = message.text ?? message.caption;
  if (!text) return null;
  return h("div", { class: "words", dir: "auto" }, formatted(text, message.entities ?? message.caption_entities, actions.say), meta(message));
}

const author = (message, actions) => h("span", { class: "hidden", dir: "auto" }, writer(message, actions));

/** Build the bubble of one message or of one album. */
export function bubble(messages, actions) {
  const [first] = messages;
  const mine = actions.isMine(first);
  const captioned = messages.find((message) => message.text ?? message.caption) ?? first;
  const text = words(captioned, actions);
  const attachment = media(messages, actions);
  const kinds = ["message", mine ? "mine" : "theirs", attachment && "has-media", attachment && first.photo && "has-photo", messages.length > 1 && "has-album", text || "bare"];
  const more = h("button", { type: "button", class: "more", "aria-label": "Reply, copy and more", title: "Reply, copy and more", "aria-haspopup": "menu", onclick: (event) => actions.more(messages, event.currentTarget) }, icon(DOTS));
  return h("article", { class: kinds.filter((kind) => typeof kind === "string").join(" "), id: `message-${first.message_id}` },
    h("div", { class: "stack" },
      author(first, actions),
      h("div", { class: "bubble" }, origin(first), quote(first, actions), attachment, text, text ? null : meta(captioned)),
      keyboard(first, actions)),
    more);
}
