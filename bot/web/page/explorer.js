// The explorer: the map on one side, queries and answers on the other.

import { $, h } from "./dom.js";
import { fetchJson, postOptions, RequestError } from "./client.js";
import { isWeak, pictureUrl, withCaption } from "./gallery.js";
import { PointMap } from "./map.js";
import { captionList, explainButton, matchGrid, section, wordChips } from "./parts.js";

const SUGGESTIONS = ["a dog running", "cat + sofa", "snow", "two children playing"];
const [SPOT, LARGE] = [160, 640]; // pixels of a picture on the map, and alone
const TALK = new Set(["greeting", "thanks", "goodbye", "help", "caption"]); // answered with what to try
const FONT_SIZES = [21, 13]; // pixels, from the most frequent word to the rarest
const DRAFT_KEY = "kindred-draft"; // in sessionStorage: what was typed and not yet asked, for this tab only
const PHOTO_NAME = /\.(heic|heif|avif)$/i; // photos whose type some browsers do not know

// The current query; answers to earlier ones are dropped.

let abortController = new AbortController();

function startQuery(message) {
  abortController.abort();
  abortController = new AbortController();
  setStatus(message);
  $("answer").setAttribute("aria-busy", "true");
  return abortController.signal;
}

/** Show a status; a `hidden` one is for screen readers only, as the answer shows it anyway. */
function setStatus(message, { isError = false, hidden = false } = {}) {
  $("status").textContent = message;
  $("status").classList.toggle("wrong", isError);
  $("status").classList.toggle("hidden", hidden);
}

const setError = (message) => setStatus(message, { isError: true });

async function showAnswer(message, find) {
  const signal = startQuery(message);
  try {
    const { title, blocks, summary } = await find(signal);
    if (signal.aborted) return;
    $("answer").replaceChildren(h("h2", { tabindex: -1, dir: "auto" }, title), ...blocks);
    setStatus(summary, { hidden: true });
    goToAnswer();
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof RequestError)) throw error;
    refuse(error.message);
  } finally {
    if (!signal.aborted) $("answer").removeAttribute("aria-busy");
  }
}

/** Show an error in place of the answer before, which belongs to another question. */
function refuse(message) {
  $("answer").replaceChildren();
  map.highlight("", []);
  setError(message);
  $("status").scrollIntoView({ block: "nearest" });
}

/** Move the view and the focus to the answer, unless a person is typing the next question already. */
function goToAnswer() {
  $("answers").scrollTop = 0;
  $("answers").scrollIntoView();
  const isTyping = document.activeElement === $("text") && sessionStorage.getItem(DRAFT_KEY);
  if (!isTyping) $("answer").firstElementChild.focus({ preventScroll: true });
}

// Queries. Text and gallery images go into the URL's hash, so that the back button works.

const navigate = (name, value) => { location.hash = new URLSearchParams({ [name]: value }); };
const navigateToWord = (word) => navigate("text", word);
const navigateToImage = (name) => navigate("image", name);

function openHash() {
  const [[name, value] = []] = new URLSearchParams(location.hash.slice(1));
  if (name === "image") queryPhoto({ image: value });
  else if (name === "text") queryText(value);
  else if (!start[0].isConnected) showStart();
}

function showStart() {
  startQuery("");
  $("answer").replaceChildren(...start);
  $("answer").removeAttribute("aria-busy");
  map.highlight("", []);
}

function queryText(text) {
  $("text").value = text;
  return showAnswer(`Looking for “${text}”…`, async (signal) => {
    const fields = { text, language: navigator.language };
    const { kind, query, message, words, matches } = await fetchJson("/v1/ask", postOptions(fields, null, signal));
    const names = matches.map((match) => match.image);
    const asked = [query, ...words.map((one) => one.word)];
    map.highlight(query, [...asked, ...names]);
    return {
      title: `“${text}”`,
      summary: [message, words.length && `${words.length} words.`, names.length && `${names.length} photos.`].filter(Boolean).join(" "),
      blocks: [
        ...message.split("\n").filter(Boolean).map((line) => h("p", { dir: "auto" }, line)),
        ...section(kind === "similar" ? "Words near it" : "Words that fit", wordChips(words, navigateToWord), mapButton("See it on the map", "words", asked)),
        ...section("Photos of it", matchGrid(matches, navigateToImage), mapButton("See them on the map", "images", names)),
        ...(TALK.has(kind) ? [suggestions()] : []),
      ],
    };
  });
}

function suggestions() {
  return h("div", { class: "suggestions" }, SUGGESTIONS.map((text) => h("button", { type: "button", onclick: () => navigate("text", text) }, text)));
}

function queryPhoto({ image: name = null, file = null }) {
  const fields = name === null ? {} : { image: name };
  return showAnswer("Looking at the photo…", async (signal) => {
    const [found, tagged] = await Promise.all([
      fetchJson("/v1/describe", postOptions({ ...fields, count: 11 }, file, signal)),
      fetchJson("/v1/tags", postOptions({ ...fields, count: 8 }, file, signal)),
    ]);
    const matches = found.matches.filter((match) => match.image !== name).slice(0, 10);
    const names = matches.map((match) => match.image);
    const caption = found.captions[0].text;
    map.highlight(name ?? "", names);
    return {
      title: name === null ? "Your photo" : "This photo",
      summary: `I see ${caption}. ${matches.length} kindred photos.`,
      blocks: [
        await shownPhoto(name, file, caption),
        isWeak(found.captions[0]) ? h("p", {}, "I can't tell. My best guesses:") : null,
        captionList(found.captions),
        found.recognised.length ? h("p", {}, `I recognise: ${found.recognised.map((thing) => thing.name).join(", ")}`) : null,
        found.known?.source ? h("p", {}, h("a", { href: found.known.source, rel: "noreferrer" }, "The photo's own page")) : null,
        h("div", { class: "asks" },
          explainButton(fields, file, caption, setError),
          name === null ? null : mapButton("See it on the map", "images", [name])),
        ...section("Words for it", wordChips(tagged.tags, navigateToWord)),
        ...section("Kindred photos", matchGrid(matches, navigateToImage), name === null ? mapButton("See them on the map", "images", names) : null),
      ].filter(Boolean),
    };
  });
}

async function shownPhoto(name, file, caption) {
  const source = name === null ? URL.createObjectURL(file) : await pictureUrl(name, LARGE);
  // A browser may be unable to show a format that was understood.
  return h("img", { class: "shown", src: source, alt: caption, onerror: (event) => event.target.remove() });
}

// The map.

let shown = { kind: "", ready: Promise.resolve() };

const map = new PointMap($("map"), {
  onSelect: ({ name }) => navigate(shown.kind === "words" ? "text" : "image", name),
  onReveal({ point, face }) {
    if (shown.kind === "images" && !face.src) pictureUrl(point.name, SPOT).then((url) => { face.src = url; }, () => {});
  },
  onApproach({ point, label, element }) {
    if (shown.kind === "images") withCaption(point.name, (caption) => element.setAttribute("aria-label", `${caption}, ${label}`));
  },
});

const SPOT_BUILDERS = {
  images: (count) => (_, number) => ({
    kind: "photo", label: `photo ${number + 1} of ${count}`, face: h("img", { class: "look", alt: "", draggable: "false" }),
  }),
  words: (count) => ({ name }, number) => {
    const face = h("span", { class: "look" }, name);
    face.style.fontSize = `${FONT_SIZES[0] + ((FONT_SIZES[1] - FONT_SIZES[0]) * number) / count}px`;
    return { kind: "word", label: name, face };
  },
};

/** Show the map of "images" or "words", and return a promise that is kept when it is drawn. */
function showMap(kind) {
  if (shown.kind !== kind) shown = { kind, ready: drawMap(kind) };
  return shown.ready;
}

async function drawMap(kind) {
  for (const one of ["images", "words"]) $(one).setAttribute("aria-pressed", String(one === kind));
  $("map").setAttribute("aria-label", kind === "images" ? "Map of photos" : "Map of words");
  $("map").setAttribute("aria-busy", "true");
  $("map-status").textContent = "Drawing the map…";
  map.show([], null);
  try {
    const { points } = await fetchJson(`/v1/maps/${kind}`);
    if (shown.kind !== kind) return;
    map.show(points, SPOT_BUILDERS[kind](points.length));
    $("map-status").textContent = "";
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    if (shown.kind !== kind) return;
    $("map-status").textContent = error.message;
    shown.kind = ""; // pressed again, it is asked for again
  }
  $("map").removeAttribute("aria-busy");
}

/** Return a button that shows the first of these names that is on a map. */
function mapButton(label, kind, names) {
  async function locate() {
    await showMap(kind);
    if (shown.kind === kind && !map.locate(names)) setError("The map has room for some only, and this is not among them.");
  }
  return h("button", { type: "button", class: "ask", onclick: locate }, label);
}

// The user's own photo: chosen, dropped or pasted.

function takePhoto(files) {
  const isPhoto = ({ type, name }) => type.startsWith("image/") || PHOTO_NAME.test(name);
  const file = [...files].find(isPhoto);
  if (file) {
    history.replaceState(null, "", location.pathname);
    queryPhoto({ file });
  } else if (files.length) {
    startQuery("");
    refuse(`“${files[0].name}” is not a photo. Please choose a picture, such as a JPEG or a PNG.`);
  }
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
  sessionStorage.removeItem(DRAFT_KEY);
  if (!text) setError("What shall I look for? For example: a dog running");
  else if (location.hash === `#${new URLSearchParams({ text })}`) openHash();
  else navigate("text", text);
});
$("text").addEventListener("input", () => sessionStorage.setItem(DRAFT_KEY, $("text").value));
for (const one of ["images", "words"]) $(one).addEventListener("click", () => showMap(one));
$("nearer").addEventListener("click", () => map.zoomBy(1.6));
$("farther").addEventListener("click", () => map.zoomBy(1 / 1.6));
$("whole").addEventListener("click", () => map.reset());
window.addEventListener("hashchange", openHash);
$("suggestions").replaceWith(suggestions());
const start = [...$("answer").childNodes];

const gallery = await fetchJson("/v1/gallery").catch(() => null);
if (gallery) {
  $("gallery").textContent = `${gallery.name} · ${gallery.size.toLocaleString("en")} photos`;
  $("credit").textContent = gallery.credit;
}
openHash();
$("text").value = sessionStorage.getItem(DRAFT_KEY) || $("text").value;
await showMap("images");
