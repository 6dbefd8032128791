// Parts of an answer: captions, chips of words, a grid of photos, an explanation.

import { h } from "./dom.js";
import { fetchOk, postOptions, RequestError } from "./client.js";
import { pictureElement, WEAK } from "./gallery.js";

const GOOD = 2 / 3; // confidence from which the bot, too, says that a photo is very close
const TILE = 240; // pixels of a picture in a grid of matches

const percent = (share) => `${Math.round(100 * share)} %`;

/** Return a heading, perhaps with a button beside it, and its content, or nothing if that is empty. */
export function section(title, content, button = null) {
  if (!content.childElementCount) return [];
  return [h("div", { class: "heading" }, h("h3", {}, title), button), content];
}

/** Return the captions of a photo, best first, each with how sure it is. */
export function captionList(captions) {
  return h("ol", { class: "captions" }, captions.map(({ text, confidence }) => h("li", {}, text,
    confidence === null ? null : h("small", {}, `${percent(confidence)} sure`))));
}

/** Return buttons of words, the closest first; `onChoose(word)` is called when one is pressed. */
export function wordChips(words, onChoose) {
  return h("ul", { class: "chips" }, words.map(({ word }) => h("li", {},
    h("button", { type: "button", onclick: () => onChoose(word) }, word))));
}

/** Return buttons with photos of the gallery; `onChoose(name)` is called when one is pressed. */
export function matchGrid(matches, onChoose) {
  return h("ul", { class: "kindred" }, matches.map((match, number) => h("li", {},
    h("button", { type: "button", onclick: () => onChoose(match.image) },
      pictureElement(match.image, TILE, `Kindred photo ${number + 1}`), h("small", {}, [closeness(match), ...likeIt(match)].join(" "))))));
}

/** Return how many near-duplicates a photo stands for, if any. */
function likeIt({ near_duplicates: alike }) {
  return alike.length ? [`and ${alike.length} like it`] : [];
}

/** Return how close a photo is, in the bot's words. */
function closeness({ confidence }) {
  if (confidence === null) return "";
  return confidence >= GOOD ? "very close" : confidence >= WEAK ? "close" : "loosely related";
}

/** Return a button that shows where in the photo each word of its caption comes from. */
export function explainButton(fields, file, caption, onError) {
  const button = h("button", { type: "button", class: "ask", onclick: explain }, "Why these words?");
  async function explain() {
    button.setAttribute("aria-busy", "true");
    try {
      const picture = await (await fetchOk("/v1/why", postOptions(fields, file))).blob();
      button.replaceWith(h("img", { class: "why", src: URL.createObjectURL(picture), alt: `Where in the photo each word of “${caption}” comes from` }));
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      onError(error.message);
    } finally {
      button.removeAttribute("aria-busy");
    }
  }
  return button;
}
