// Who the person is and where they are. The page's address holds it, so a reload changes nothing.

const KEYS = ["name", "chat", "topic"];
const listeners = [];

function told() {
  const asked = new URLSearchParams(location.search);
  return Object.fromEntries(KEYS.map((key) => [key, asked.get(key) ?? ""]));
}

export let place = told();

/** Write a place as a query. */
export const query = (where) => String(new URLSearchParams(KEYS.filter((key) => where[key]).map((key) => [key, where[key]])));

function arrive() {
  place = told();
  listeners.forEach((listener) => listener());
}

/** Call back whenever the person or the chat is another one. */
export const onMove = (listener) => listeners.push(listener);

function move(where, write) {
  if (query(where) !== query(place)) write.call(history, null, "", `${location.pathname}?${query(where)}`);
  arrive();
}

/** Go to another place: `{ name, chat, topic }`; what is left out is the first there is. */
export const go = (where) => move(where, history.pushState);

/** Be at another place than the address said: it was not there. */
export const correctTo = (where) => move(where, history.replaceState);

window.addEventListener("popstate", arrive);
