// The session: who the person is, in which language, and what the bot is called.

import { setLanguage, start } from "./api.js";
import { $, h } from "./dom.js";

const LANGUAGES = ["en", "de", "es", "fr", "it", "pt-br", "ru", "ar", "fa", "he", "hi", "ja", "nl", "pl", "tr", "uk", "zh-hans"];
const languageNames = new Intl.DisplayNames(["en"], { type: "language" });

/** The person's id, name and language code, and the bot's profile. */
export const session = { id: 0, name: "", language: "", profile: { name: "the bot", username: "" } };

/** Show whose session it is. */
export function setPerson(person) {
  Object.assign(session, person);
  const codes = LANGUAGES.includes(session.language) || !session.language ? LANGUAGES : [...LANGUAGES, session.language];
  $("language").replaceChildren(h("option", { value: "" }, "no language"), ...codes.map((code) => h("option", { value: code }, languageNames.of(code))));
  $("language").value = session.language;
}

/** The payload of a link `t.me/<bot>?start=<payload>` to this bot, or null for any other link. */
export function payloadOf(address) {
  const url = URL.canParse(address) ? new URL(address) : null;
  const name = url?.protocol === "tg:" ? url.searchParams.get("domain") : url?.hostname === "t.me" ? url.pathname.slice(1) : null;
  return name && name.toLowerCase() === session.profile.username.toLowerCase() ? url.searchParams.get("start") ?? "" : null;
}

/** Follow a link to the bot if it is one; return whether it is. */
export function followLink(address) {
  const payload = payloadOf(address);
  if (payload !== null) start(payload);
  return payload !== null;
}

$("language").addEventListener("change", async () => {
  const person = await setLanguage($("language").value);
  setPerson(person ?? session);
});
