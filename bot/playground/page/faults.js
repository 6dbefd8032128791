// What shall go wrong between the bot and the playground.

import { arrange, look } from "./api.js";
import { $, h, toast } from "./dom.js";

const SECONDS = 2; // a flood's wait, a slow answer's delay
const KINDS = {
  flood: "429: too many requests", album_flood: "429 in the middle of an album", error: "500: internal error",
  slow: "a slow answer", cut_before: "connection cut, nothing done", cut_after: "connection cut, all done",
};
let drawn = "";

const named = (kind) => KINDS[kind] ?? kind;

function coming({ kind, method, seconds }) {
  const waits = kind === "slow" || kind.includes("flood") ? `, ${seconds} s` : "";
  return h("li", {}, `${named(kind)}${waits} ${method ? `in ${method}` : "in any call"}`);
}

function draw(faults) {
  if (!$("fault-kind").options.length) $("fault-kind").append(...faults.kinds.map((kind) => h("option", { value: kind }, named(kind))));
  $("coming").replaceChildren(...faults.coming.map(coming), ...Object.entries(faults.chances).map(([kind, chance]) =>
    h("li", {}, `${named(kind)}: ${Math.round(100 * chance)} in 100 calls`)));
  $("fault-clear").hidden = !$("coming").children.length;
  $("enforced").checked = faults.enforced;
  $("breaches").replaceChildren(...faults.breaches.slice(-3).map((words) => h("li", {}, words)));
}

/** Show what will go wrong, if that is new. */
export async function drawFaults(told = undefined) {
  const faults = told === undefined ? await look("faults") : told;
  const words = JSON.stringify([faults?.coming, faults?.chances, faults?.enforced, faults?.breaches]);
  if (faults === null || words === drawn) return;
  drawn = words;
  draw(faults);
}

const change = async (wish) => drawFaults(await arrange("faults", wish));

function plan() {
  const [kind, method] = [$("fault-kind").value, $("fault-method").value.trim()];
  const count = Math.max(1, $("fault-count").valueAsNumber || 1);
  const seconds = Math.max(0, $("fault-seconds").valueAsNumber || SECONDS);
  change({ next: { kind, method, count, seconds } });
}

/** Wire the part up, once. */
export function prepareFaults() {
  $("fault-form").addEventListener("submit", (event) => { event.preventDefault(); plan(); });
  $("fault-clear").addEventListener("click", () => change({ clear: true }));
  $("enforced").addEventListener("change", () => change({ enforced: $("enforced").checked }));
  $("forget-files").addEventListener("click", async () => {
    await change({ forget_files: true });
    toast("The file_ids the bot knows no longer work.");
  });
}
