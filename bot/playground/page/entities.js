// Text with entities to nodes. Offsets are UTF-16 units, which is how JavaScript counts too.

import { h } from "./dom.js";

const TAGS = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code",
  blockquote: "blockquote", expandable_blockquote: "blockquote",
};
const SAFE = new Set(["http:", "https:", "mailto:", "tel:", "tg:"]);

function link(address, children) {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !SAFE.has(url.protocol)) return h("span", {}, children);
  return h("a", { href: url.href, target: "_blank", rel: "noopener noreferrer" }, children);
}

function spoiler(children) {
  const cover = h("button", { type: "button", class: "spoiler", "aria-label": "Hidden text, press to show" }, h("span", {}, children));
  cover.addEventListener("click", () => {
    cover.classList.add("shown");
    cover.removeAttribute("aria-label");
  });
  return cover;
}

function element(entity, words, children, onCommand) {
  switch (entity.type) {
    case "text_link": return link(entity.url, children);
    case "url": return link(words, children);
    case "email": return link(`mailto:${words}`, children);
    case "spoiler": return spoiler(children);
    case "pre": return h("pre", {}, h("code", {}, children));
    case "bot_command": return h("button", { type: "button", class: "command", onclick: () => onCommand(words) }, children);
    default: return h(TAGS[entity.type] ?? "span", {}, children);
  }
}

/** Build the nodes of a text; entities come sorted, outermost first. */
export function formatted(text, entities = [], onCommand = () => {}, start = 0, end = text.length) {
  const nodes = [];
  let position = start;
  for (let index = 0; index < entities.length; index += 1) {
    const entity = entities[index];
    const from = Math.max(entity.offset, start);
    const to = Math.min(entity.offset + entity.length, end);
    if (from < position || to <= from) continue; // inside one that was drawn already
    const inner = entities.slice(index + 1).filter((other) => other.offset < to);
    nodes.push(text.slice(position, from));
    nodes.push(element(entity, text.slice(from, to), formatted(text, inner, onCommand, from, to), onCommand));
    position = to;
  }
  nodes.push(text.slice(position, end));
  return nodes.filter((node) => node !== "");
}
