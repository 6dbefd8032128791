// Photos at full size; arrow keys walk through all photos of the chat.

import { $, closeOnBackdrop } from "./dom.js";
import { mediaAddress } from "./api.js";

let photos = [];
let shown = 0;

function show(index) {
  shown = (index + photos.length) % photos.length;
  $("lightbox-image").src = mediaAddress(photos[shown].file);
  $("lightbox-image").alt = photos[shown].words || "Photo";
  $("lightbox-words").textContent = photos[shown].words;
}

/** Open the photo with this file id among all photos of the chat. */
export function openPhoto(all, file) {
  photos = all;
  show(Math.max(photos.findIndex((photo) => photo.file === file), 0));
  $("lightbox-back").hidden = $("lightbox-on").hidden = photos.length < 2;
  $("lightbox").showModal();
}

$("lightbox-back").addEventListener("click", () => show(shown - 1));
$("lightbox-on").addEventListener("click", () => show(shown + 1));
$("lightbox-off").addEventListener("click", () => $("lightbox").close());
$("lightbox").addEventListener("keydown", (event) => {
  if (event.key === "ArrowLeft") show(shown - 1);
  if (event.key === "ArrowRight") show(shown + 1);
});
$("lightbox").addEventListener("click", (event) => {
  if (event.target.closest("button, img") === null) $("lightbox").close();
});
closeOnBackdrop($("lightbox"));
