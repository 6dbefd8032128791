// The explorer: the map on one side, what was asked and found on the other.

import { $, h } from "./dom.js";
import { ask, image, picture, question, Refused } from "./ask.js";
import { Chart } from "./map.js";

const SUGGESTED = ["a dog running", "cat + sofa", "snow", "two children playing"];
const [SPOT, TILE, LARGE] = [160, 240, 640]; // pixels of a picture on the map, in a row of kin, alone
const LETTERS = [21, 13]; // pixels, from the most frequent word to the rarest

const percent = (share) => `${Math.round(100 * share)} %`;
const json = async (...asked) => (await ask(...asked)).json();

// What a person asked last; an answer that comes after it is dropped.

let asked = new AbortController();

function begin(words) {
  asked.abort();
  asked = new AbortController();
  tell(words);
  $("answer").setAttribute("aria-busy", "true");
  return asked.signal;
}

/** Say how it goes; what the answer below shows anyway is `heard` only. */
function tell(words, { wrong = false, heard = false } = {}) {
  $("status").textContent = words;
  $("status").classList.toggle("wrong", wrong);
  $("status").classList.toggle("hidden", heard);
}

async function answered(words, find) {
  const signal = begin(words);
  try {
    const { title, blocks, says } = await find(signal);
    if (signal.aborted) return;
    $("answer").replaceChildren(h("h2", {}, title), ...blocks);
    $("answer").closest(".answers").scrollTop = 0;
    tell(says, { heard: true });
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof Refused)) throw error;
    tell(error.message, { wrong: true });
  } finally {
    if (!signal.aborted) $("answer").removeAttribute("aria-busy");
  }
}

// Questions. Those that an address can hold are kept there, so that "back" goes back.

const go = (kind, value) => { location.hash = new URLSearchParams({ [kind]: value }); };

function follow() {
  const [[kind, value] = []] = new URLSearchParams(location.hash.slice(1));
  if (kind === "image") askPhoto({ image: value });
  if (kind === "text") askText(value);
}

function askText(text) {
  $("text").value = text;
  const isWord = /^[^\s+−-]+$/.test(text.trim());
  return answered(`Looking for “${text}”…`, async (signal) => {
    const [photos, words] = await Promise.allSettled([
      json("/v1/search", question({ text }, null, signal)),
      isWord ? json("/v1/words/similar", question({ word: text.trim() }, null, signal)) : null,
    ]);
    if (photos.status === "rejected" && (!isWord || words.status === "rejected")) throw photos.reason;
    const matches = photos.value?.matches ?? [];
    const near = words.value?.words ?? [];
    chart.mark(text.trim().toLowerCase(), [...near.map((one) => one.word), ...matches.map((one) => one.image)]);
    return {
      title: `“${text}”`,
      says: `${matches.length} photos${near.length ? ` and ${near.length} words near it` : ""}`,
      blocks: [...section("Words near it", chips(near)), ...section("Photos of it", kindred(matches))],
    };
  });
}

function askPhoto({ image: name = null, file = null }) {
  const fields = name === null ? {} : { image: name };
  return answered("Looking at the photo…", async (signal) => {
    const [found, tagged] = await Promise.all([
      json("/v1/describe", question({ ...fields, count: 11 }, file, signal)),
      json("/v1/tags", question({ ...fields, count: 8 }, file, signal)),
    ]);
    const matches = found.matches.filter((match) => match.image !== name).slice(0, 10);
    const own = found.matches.find((match) => match.image === name);
    chart.mark(name ?? "", matches.map((match) => match.image));
    return {
      title: name === null ? "Your photo" : "This photo",
      says: `I see ${found.captions[0].text}. ${matches.length} kindred photos.`,
      blocks: [
        await shown(name, file, found.captions[0].text),
        captions(found.captions),
        own?.source ? h("p", {}, h("a", { href: own.source, rel: "noreferrer" }, "The photo's own page")) : null,
        why(fields, file, found.captions[0].text),
        ...section("Words for it", chips(tagged.tags)),
        ...section("Kindred photos", kindred(matches)),
      ].filter(Boolean),
    };
  });
}

// What answers are made of.

const section = (title, content) => (content.childElementCount ? [h("h3", {}, title), content] : []);

async function shown(name, file, words) {
  const source = name === null ? URL.createObjectURL(file) : await picture(name, LARGE);
  return h("img", { class: "shown", src: source, alt: words });
}

function captions(all) {
  return h("ol", { class: "captions" }, all.map(({ text, confidence }) => h("li", {}, text,
    confidence === null ? null : h("small", {}, `${percent(confidence)} sure`))));
}

function chips(words) {
  return h("ul", { class: "chips" }, words.map(({ word, score }) => h("li", {},
    h("button", { type: "button", onclick: () => go("text", word) }, `${word} `, h("small", {}, score.toFixed(2))))));
}

function kindred(matches) {
  return h("ul", { class: "kindred" }, matches.map(({ image: name, score }, number) => h("li", {},
    h("button", {
      type: "button", onclick: () => go("image", name), "aria-label": `Kindred photo ${number + 1}, score ${score.toFixed(2)}: ask for its kin`,
    }, image(name, TILE), h("small", {}, score.toFixed(2))))));
}

function why(fields, file, words) {
  const button = h("button", { type: "button", class: "ask-why", onclick: draw }, "Why these words?");
  async function draw() {
    button.setAttribute("aria-busy", "true");
    try {
      const drawn = await (await ask("/v1/why", question(fields, file))).blob();
      button.replaceWith(h("img", { class: "why", src: URL.createObjectURL(drawn), alt: `Where in the photo each word of “${words}” comes from` }));
      tell("The picture shows where each word comes from.", { heard: true });
    } catch (error) {
      button.removeAttribute("aria-busy");
      if (!(error instanceof Refused)) throw error;
      tell(error.message, { wrong: true });
    }
  }
  return button;
}

// The map.

const chart = new Chart($("map"), ({ name }) => go(kind === "words" ? "text" : "image", name), face);
let kind = "";

function face({ point, face: element }) {
  if (kind !== "images" || element.src) return;
  picture(point.name, SPOT).then((address) => { element.src = address; }, () => {});
}

const DRESS = {
  images: (count) => (_, number) => ({
    kind: "photo", label: `Photo ${number + 1} of ${count}`, face: h("img", { class: "look", alt: "", draggable: "false" }),
  }),
  words: (count) => ({ name }, number) => {
    const label = h("span", { class: "look" }, name);
    label.style.fontSize = `${LETTERS[0] + ((LETTERS[1] - LETTERS[0]) * number) / count}px`;
    return { kind: "word", label: name, face: label };
  },
};

async function showMap(wanted) {
  kind = wanted;
  for (const one of ["images", "words"]) $(one).setAttribute("aria-pressed", String(one === wanted));
  $("map").setAttribute("aria-label", wanted === "images" ? "Map of photos" : "Map of words");
  $("map-says").textContent = "Drawing the map…";
  chart.show([], null);
  try {
    const { points } = await json(`/v1/maps/${wanted}`);
    if (kind !== wanted) return;
    chart.show(points, DRESS[wanted](points.length));
    $("map-says").textContent = "";
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (kind === wanted) $("map-says").textContent = error.message;
  }
}

// The person's own photo: chosen, dropped or pasted.

function take(files) {
  const file = [...files].find((one) => one.type.startsWith("image/"));
  if (!file) return;
  history.replaceState(null, "", location.pathname);
  askPhoto({ file });
}

$("choose").addEventListener("click", () => $("file").click());
$("file").addEventListener("change", () => { take($("file").files); $("file").value = ""; });
window.addEventListener("paste", (event) => take(event.clipboardData.files));
window.addEventListener("dragover", (event) => { event.preventDefault(); $("drop").hidden = false; });
window.addEventListener("dragleave", (event) => { if (!event.relatedTarget) $("drop").hidden = true; });
window.addEventListener("drop", (event) => { event.preventDefault(); $("drop").hidden = true; take(event.dataTransfer.files); });

// Everything else.

$("search").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (!text) tell("What shall I look for? For example: a dog running", { wrong: true });
  else if (location.hash === `#${new URLSearchParams({ text })}`) follow();
  else go("text", text);
});
for (const one of ["images", "words"]) $(one).addEventListener("click", () => showMap(one));
$("nearer").addEventListener("click", () => chart.come(1.6));
$("farther").addEventListener("click", () => chart.come(1 / 1.6));
$("whole").addEventListener("click", () => chart.whole());
window.addEventListener("hashchange", follow);
$("suggestions").append(...SUGGESTED.map((text) => h("button", { type: "button", onclick: () => go("text", text) }, text)));

const gallery = await json("/v1/gallery").catch(() => null);
if (gallery) {
  $("gallery").textContent = `${gallery.name} · ${gallery.size.toLocaleString("en")} photos`;
  $("credit").textContent = gallery.credit;
}
follow();
await showMap("images");
