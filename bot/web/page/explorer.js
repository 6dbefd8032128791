// The explorer: the map on one side, queries and results on the other.

import { $, h } from "./dom.js";
import { fetchOk, pictureElement, pictureUrl, postOptions, RequestError } from "./client.js";
import { PointMap } from "./map.js";

const SUGGESTIONS = ["a dog running", "cat + sofa", "snow", "two children playing"];
const [SPOT, TILE, LARGE] = [160, 240, 640]; // pixels of a picture on the map, in a grid of matches, alone
const FONT_SIZES = [21, 13]; // pixels, from the most frequent word to the rarest

const percent = (share) => `${Math.round(100 * share)} %`;
const fetchJson = async (...parameters) => (await fetchOk(...parameters)).json();

// The current query; results of earlier ones are dropped.

let abortController = new AbortController();

function startQuery(message) {
  abortController.abort();
  abortController = new AbortController();
  setStatus(message);
  $("answer").setAttribute("aria-busy", "true");
  return abortController.signal;
}

/** Show a status; a `hidden` one is for screen readers only, as the results show it anyway. */
function setStatus(message, { isError = false, hidden = false } = {}) {
  $("status").textContent = message;
  $("status").classList.toggle("wrong", isError);
  $("status").classList.toggle("hidden", hidden);
}

async function showAnswer(message, find) {
  const signal = startQuery(message);
  try {
    const { title, blocks, summary } = await find(signal);
    if (signal.aborted) return;
    $("answer").replaceChildren(h("h2", {}, title), ...blocks);
    $("answer").closest(".answers").scrollTop = 0;
    setStatus(summary, { hidden: true });
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof RequestError)) throw error;
    setStatus(error.message, { isError: true });
  } finally {
    if (!signal.aborted) $("answer").removeAttribute("aria-busy");
  }
}

// Queries. Text and gallery images go into the URL's hash, so that the back button works.

const navigate = (kind, value) => { location.hash = new URLSearchParams({ [kind]: value }); };

function openHash() {
  const [[kind, value] = []] = new URLSearchParams(location.hash.slice(1));
  if (kind === "image") queryPhoto({ image: value });
  if (kind === "text") queryText(value);
}

function queryText(text) {
  $("text").value = text;
  const isWord = /^[^\s+−-]+$/.test(text.trim());
  return showAnswer(`Looking for “${text}”…`, async (signal) => {
    const [photos, words] = await Promise.allSettled([
      fetchJson("/v1/search", postOptions({ text }, null, signal)),
      isWord ? fetchJson("/v1/words/similar", postOptions({ word: text.trim() }, null, signal)) : null,
    ]);
    if (photos.status === "rejected" && (!isWord || words.status === "rejected")) throw photos.reason;
    const matches = photos.value?.matches ?? [];
    const near = words.value?.words ?? [];
    map.highlight(text.trim().toLowerCase(), [...near.map((one) => one.word), ...matches.map((one) => one.image)]);
    return {
      title: `“${text}”`,
      summary: `${matches.length} photos${near.length ? ` and ${near.length} words near it` : ""}`,
      blocks: [...section("Words near it", wordChips(near)), ...section("Photos of it", matchGrid(matches))],
    };
  });
}

function queryPhoto({ image: name = null, file = null }) {
  const fields = name === null ? {} : { image: name };
  return showAnswer("Looking at the photo…", async (signal) => {
    const [found, tagged] = await Promise.all([
      fetchJson("/v1/describe", postOptions({ ...fields, count: 11 }, file, signal)),
      fetchJson("/v1/tags", postOptions({ ...fields, count: 8 }, file, signal)),
    ]);
    const matches = found.matches.filter((match) => match.image !== name).slice(0, 10);
    const own = found.matches.find((match) => match.image === name);
    map.highlight(name ?? "", matches.map((match) => match.image));
    return {
      title: name === null ? "Your photo" : "This photo",
      summary: `I see ${found.captions[0].text}. ${matches.length} kindred photos.`,
      blocks: [
        await photoElement(name, file, found.captions[0].text),
        captionList(found.captions),
        own?.source ? h("p", {}, h("a", { href: own.source, rel: "noreferrer" }, "The photo's own page")) : null,
        explainButton(fields, file, found.captions[0].text),
        ...section("Words for it", wordChips(tagged.tags)),
        ...section("Kindred photos", matchGrid(matches)),
      ].filter(Boolean),
    };
  });
}

// Parts of the results.

const section = (title, content) => (content.childElementCount ? [h("h3", {}, title), content] : []);

async function photoElement(name, file, words) {
  const source = name === null ? URL.createObjectURL(file) : await pictureUrl(name, LARGE);
  return h("img", { class: "shown", src: source, alt: words });
}

function captionList(all) {
  return h("ol", { class: "captions" }, all.map(({ text, confidence }) => h("li", {}, text,
    confidence === null ? null : h("small", {}, `${percent(confidence)} sure`))));
}

function wordChips(words) {
  return h("ul", { class: "chips" }, words.map(({ word, score }) => h("li", {},
    h("button", { type: "button", onclick: () => navigate("text", word) }, `${word} `, h("small", {}, score.toFixed(2))))));
}

function matchGrid(matches) {
  return h("ul", { class: "kindred" }, matches.map(({ image: name, score }, number) => h("li", {},
    h("button", {
      type: "button", onclick: () => navigate("image", name), "aria-label": `Kindred photo ${number + 1}, score ${score.toFixed(2)}: ask for its kin`,
    }, pictureElement(name, TILE), h("small", {}, score.toFixed(2))))));
}

function explainButton(fields, file, words) {
  const button = h("button", { type: "button", class: "ask-why", onclick: draw }, "Why these words?");
  async function draw() {
    button.setAttribute("aria-busy", "true");
    try {
      const drawn = await (await fetchOk("/v1/why", postOptions(fields, file))).blob();
      button.replaceWith(h("img", { class: "why", src: URL.createObjectURL(drawn), alt: `Where in the photo each word of “${words}” comes from` }));
      setStatus("The picture shows where each word comes from.", { hidden: true });
    } catch (error) {
      button.removeAttribute("aria-busy");
      if (!(error instanceof RequestError)) throw error;
      setStatus(error.message, { isError: true });
    }
  }
  return button;
}

// The map.

const map = new PointMap($("map"), ({ name }) => navigate(kind === "words" ? "text" : "image", name), loadPicture);
let kind = "";

function loadPicture({ point, face: element }) {
  if (kind !== "images" || element.src) return;
  pictureUrl(point.name, SPOT).then((url) => { element.src = url; }, () => {});
}

const SPOT_BUILDERS = {
  images: (count) => (_, number) => ({
    kind: "photo", label: `Photo ${number + 1} of ${count}`, face: h("img", { class: "look", alt: "", draggable: "false" }),
  }),
  words: (count) => ({ name }, number) => {
    const label = h("span", { class: "look" }, name);
    label.style.fontSize = `${FONT_SIZES[0] + ((FONT_SIZES[1] - FONT_SIZES[0]) * number) / count}px`;
    return { kind: "word", label: name, face: label };
  },
};

async function showMap(requested) {
  kind = requested;
  for (const one of ["images", "words"]) $(one).setAttribute("aria-pressed", String(one === requested));
  $("map").setAttribute("aria-label", requested === "images" ? "Map of photos" : "Map of words");
  $("map-status").textContent = "Drawing the map…";
  map.show([], null);
  try {
    const { points } = await fetchJson(`/v1/maps/${requested}`);
    if (kind !== requested) return;
    map.show(points, SPOT_BUILDERS[requested](points.length));
    $("map-status").textContent = "";
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    if (kind === requested) $("map-status").textContent = error.message;
  }
}

// The user's own photo: chosen, dropped or pasted.

function takePhoto(files) {
  const file = [...files].find((one) => one.type.startsWith("image/"));
  if (!file) return;
  history.replaceState(null, "", location.pathname);
  queryPhoto({ file });
}

$("choose").addEventListener("click", () => $("file").click());
$("file").addEventListener("change", () => { takePhoto($("file").files); $("file").value = ""; });
window.addEventListener("paste", (event) => takePhoto(event.clipboardData.files));
window.addEventListener("dragover", (event) => { event.preventDefault(); $("drop").hidden = false; });
window.addEventListener("dragleave", (event) => { if (!event.relatedTarget) $("drop").hidden = true; });
window.addEventListener("drop", (event) => { event.preventDefault(); $("drop").hidden = true; takePhoto(event.dataTransfer.files); });

// Event listeners and start.

$("search").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (!text) setStatus("What shall I look for? For example: a dog running", { isError: true });
  else if (location.hash === `#${new URLSearchParams({ text })}`) openHash();
  else navigate("text", text);
});
for (const one of ["images", "words"]) $(one).addEventListener("click", () => showMap(one));
$("nearer").addEventListener("click", () => map.zoomBy(1.6));
$("farther").addEventListener("click", () => map.zoomBy(1 / 1.6));
$("whole").addEventListener("click", () => map.reset());
window.addEventListener("hashchange", openHash);
$("suggestions").append(...SUGGESTIONS.map((text) => h("button", { type: "button", onclick: () => navigate("text", text) }, text)));

const gallery = await fetchJson("/v1/gallery").catch(() => null);
if (gallery) {
  $("gallery").textContent = `${gallery.name} · ${gallery.size.toLocaleString("en")} photos`;
  $("credit").textContent = gallery.credit;
}
openHash();
await showMap("images");
