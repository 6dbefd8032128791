// Images of the gallery: pictures and captions. Each is fetched once, the latest request first.

import { h } from "./dom.js";
import { checked, fetchJson, send } from "./client.js";

/** The confidence below which the engine marks a result as unsure. */
export const WEAK = 1 / 3;

/** Fetches at most `most` things at once, each once, the latest request first. */
class Fetcher {
  constructor(most) { Object.assign(this, { most, inFlight: 0, queue: [], promises: new Map() }); }

  /** Return the promise of what `fetch` fetches, which is known by `id`. */
  get(id, fetch) {
    if (!this.promises.has(id)) {
      this.promises.set(id, new Promise((done, refuse) => this.queue.push({ fetch, done, refuse })));
      this.promises.get(id).catch(() => this.promises.delete(id));
      this.next();
    }
    return this.promises.get(id);
  }

  next() {
    while (this.inFlight < this.most && this.queue.length) {
      const { fetch, done, refuse } = this.queue.pop();
      this.inFlight += 1;
      fetch().then(done, refuse).finally(() => { this.inFlight -= 1; this.next(); });
    }
  }
}

const pictures = new Fetcher(6); // as many as a browser fetches at once
const captions = new Fetcher(2); // each is a computation, and people wait for other answers meanwhile

const pathOf = (name) => name.split("/").map(encodeURIComponent).join("/");

/** Return a promise of the object URL of a gallery picture. */
export const pictureUrl = (name, side) => pictures.get(`${name}@${side}`, () => fetchPicture(name, side));

async function fetchPicture(name, side) {
  const path = `/v1/pictures/${pathOf(name)}?side=${side}`;
  let response = await send(path);
  if (response.status === 429) {
    await new Promise((done) => setTimeout(done, 1000 * Number(response.headers.get("Retry-After") ?? 1)));
    response = await send(path);
  }
  return URL.createObjectURL(await (await checked(response)).blob());
}

/** Return whether a caption is a guess, or a match far from the query. */
export const isWeak = ({ confidence }) => confidence !== null && confidence < WEAK;

/** Call `use` with the caption of a gallery image; if it cannot be had, things stay as they are. */
export function withCaption(name, use) {
  const wanted = captions.get(name, () => fetchJson(`/v1/captions/${pathOf(name)}`));
  wanted.then((caption) => use(isWeak(caption) ? `perhaps ${caption.text}` : caption.text), () => {});
}

/** Return an <img> that shows a gallery picture once it is loaded, and has the caption as its alternative text. */
export function pictureElement(name, side, alt) {
  const element = h("img", { alt, draggable: "false" });
  pictureUrl(name, side).then((url) => { element.src = url; }, () => {});
  withCaption(name, (caption) => { element.alt = caption; element.title = caption; });
  return element;
}
