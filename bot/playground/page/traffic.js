// Raw traffic: what the bot asked of the playground and was answered, live while the panel is open.

import { look } from "./api.js";
import { $, copy, h, knob } from "./dom.js";
import { drawFaults, prepareFaults } from "./faults.js";
import { preparePanel } from "./panel.js";

const PAUSE = 700; // milliseconds between looks
const MOST = 300; // calls kept on the page
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const calls = []; // { call, words, node }, newest first
let last = 0;
let watch = 0; // counts openings of the panel: only the last one polls on

/** Parameters come as strings, objects within them as JSON: written out, they are easier to read. */
function unfolded(value) {
  if (typeof value !== "string" || !/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

const pretty = (value) => (typeof value === "string" ? value : JSON.stringify(value, null, 2));

function outcome({ reply, fault }) {
  const words = reply.ok ? "200" : String(reply.error_code);
  return h("span", { class: `outcome ${reply.ok && !fault ? "well" : "ill"}` }, fault ? `${words} ${fault.replaceAll("_", " ")}` : words);
}

function parameters(call) {
  const files = Object.entries(call.uploads).map(([name, bytes]) => [name, `file of ${bytes.toLocaleString("en")} bytes`]);
  const rows = [...Object.entries(call.parameters).map(([name, value]) => [name, pretty(unfolded(value))]), ...files];
  if (!rows.length) return h("p", { class: "faint" }, "no parameters");
  return h("dl", {}, rows.map(([name, value]) => [h("dt", {}, name), h("dd", { dir: "auto" }, value)]).flat());
}

function inside(call) {
  const whole = { ...call, parameters: Object.fromEntries(Object.entries(call.parameters).map(([name, value]) => [name, unfolded(value)])) };
  return h("div", { class: "inside" },
    h("h4", {}, "Parameters"), parameters(call),
    h("h4", {}, "Reply"), h("pre", { tabindex: "0", "aria-label": "Reply" }, pretty(call.reply)),
    knob("Copy", () => copy(pretty(whole)), { class: "quiet" }));
}

function entry(call) {
  const { chat_id: chat, text, caption } = call.parameters;
  const gist = [text ?? caption ?? "", chat ? `chat ${chat}` : ""].filter(Boolean).join(" · ");
  const node = h("details", { class: "call" },
    h("summary", {}, h("b", {}, call.method), outcome(call), h("time", {}, clock.format(new Date(call.at * 1000))), h("span", { class: "gist", dir: "auto" }, gist)));
  node.addEventListener("toggle", () => node.append(inside(call)), { once: true }); // most are never opened
  return node;
}

function fits({ call, words }) {
  const sought = $("traffic-filter").value.trim().toLowerCase();
  return (!$("traffic-ill").checked || !call.reply.ok || call.fault) && words.includes(sought);
}

function sift() {
  let count = 0;
  for (const one of calls) {
    one.node.hidden = !fits(one);
    count += one.node.hidden ? 0 : 1;
  }
  $("traffic-count").textContent = calls.length === 0 ? "No calls yet." : `${count} of ${calls.length} calls`;
}

function take(fresh) {
  for (const call of fresh) {
    const one = { call, words: JSON.stringify(call).toLowerCase(), node: entry(call) };
    calls.unshift(one);
    $("calls").prepend(one.node);
    last = Math.max(last, call.number);
  }
  calls.splice(MOST).forEach((one) => one.node.remove());
  sift();
}

async function poll(mine) {
  const fresh = await look("traffic", { after: last });
  if (mine !== watch) return;
  if (fresh?.length) take(fresh);
  else sift();
  await drawFaults();
  setTimeout(() => { if (mine === watch) poll(mine); }, PAUSE);
}

/** Forget what another playground was asked: this one counts anew. */
export function forgetTraffic() {
  calls.splice(0).forEach((one) => one.node.remove());
  last = 0;
}

/** Wire the panel up, once. */
export function prepareTraffic() {
  preparePanel("traffic", () => poll(watch += 1), () => { watch += 1; });
  prepareFaults();
  $("traffic-filter").addEventListener("input", sift);
  $("traffic-ill").addEventListener("change", sift);
}
