// An interactive map of points: zoom, pan, and arrow keys.
//
// Points are real buttons (spots), so that pointers, keyboards and screen readers can use them. A spot that
// would overlap another one is a dot until the user zooms in, hovers or focuses it.

import { h } from "./dom.js";

const MAX_ZOOM = 30; // relative to the whole map
const LOCATE_ZOOM = 4; // at which a spot that is looked for stands out
const ZOOM_STEP = 1.6; // factor of one press of a zoom key
const MARGIN = 60; // pixels around the whole map
const DRAG_THRESHOLD = 6; // pixels that a pointer moves before it drags
const SPACING = 3; // pixels between two spots
const COLOURS = 9;

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

export class PointMap {
  /**
   * `frame` holds a `.layer`. `onSelect(point)` is called when a spot is pressed, `onReveal(spot)` when it becomes
   * visible, and `onApproach(spot)` when the pointer or the focus is at it or one press of an arrow key away.
   */
  constructor(frame, { onSelect, onReveal, onApproach }) {
    Object.assign(this, { frame, onSelect, onReveal, onApproach, layer: frame.querySelector(".layer") });
    Object.assign(this, { spots: [], zoom: 1, x: 0, y: 0, drawn: null, pointers: new Map(), highlighted: ["", []], prioritised: new Set() });
    new ResizeObserver(() => this.draw()).observe(frame);
    frame.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    frame.addEventListener("keydown", (event) => this.key(event));
    for (const kind of ["down", "move", "up", "cancel"]) {
      frame.addEventListener(`pointer${kind}`, (event) => this[kind === "cancel" ? "up" : kind](event));
    }
  }

  /** Show points; `describe(point, number)` returns the class, the label and the content of each spot. */
  show(points, describe) {
    this.spots = points.map((point, number) => {
      const { kind, label, face } = describe(point, number);
      const element = h("button", {
        type: "button", class: `spot ${kind} n${point.neighbourhood % COLOURS}`, tabindex: number ? -1 : 0,
        "aria-label": label, onclick: () => this.onSelect(point),
      }, face);
      const spot = { point, element, label, face };
      element.addEventListener("focus", () => this.onFocus(spot));
      element.addEventListener("pointerenter", () => { this.onReveal(spot); this.onApproach(spot); });
      return spot;
    });
    this.layer.replaceChildren(...this.spots.map((spot) => spot.element));
    for (const spot of this.spots) spot.element.classList.add("near");
    for (const spot of this.spots) spot.size = [spot.element.offsetWidth, spot.element.offsetHeight];
    this.highlight(...this.highlighted);
    this.reset();
  }

  /** Highlight the spot of the query and those that match it. */
  highlight(chosen, matches) {
    this.highlighted = [chosen, matches];
    this.prioritised = new Set([chosen, ...matches]);
    for (const { point, element } of this.spots) {
      element.classList.toggle("chosen", point.name === chosen);
      element.classList.toggle("kin", matches.includes(point.name));
    }
    this.draw({ force: true });
  }

  reset() { this.moveTo(1, 0, 0); }

  /** Zoom to the first of these names that is on the map, and focus its spot; return whether there is one. */
  locate(names) {
    const spot = names.map((name) => this.spots.find(({ point }) => point.name === name)).find(Boolean);
    if (!spot) return false;
    this.zoom = Math.max(this.zoom, LOCATE_ZOOM);
    this.centre(spot);
    spot.element.focus({ preventScroll: true });
    this.frame.scrollIntoView({ block: "center" });
    return true;
  }

  centre(spot) {
    const { x, y } = this.position(spot);
    this.moveTo(this.zoom, this.frame.clientWidth / 2 - x, this.frame.clientHeight / 2 - y);
  }

  /** Zoom by a factor around a position of the frame in pixels, by default its centre. */
  zoomBy(factor, x = this.frame.clientWidth / 2, y = this.frame.clientHeight / 2) {
    const zoom = clamp(this.zoom * factor, 1, MAX_ZOOM);
    const ratio = zoom / this.zoom;
    this.moveTo(zoom, x - (x - this.x) * ratio, y - (y - this.y) * ratio);
  }

  moveTo(zoom, x, y) {
    const { clientWidth: width, clientHeight: height } = this.frame;
    this.zoom = zoom;
    this.x = clamp(x, width * (1 - zoom), 0);
    this.y = clamp(y, height * (1 - zoom), 0);
    this.draw();
  }

  /** Schedule one paint in the next animation frame. */
  draw({ force = false } = {}) {
    if (force) this.drawn = null;
    this.pendingFrame ??= requestAnimationFrame(() => { this.pendingFrame = null; this.paint(); });
  }

  paint() {
    const { clientWidth: width, clientHeight: height } = this.frame;
    if (!width || !height) return;
    this.layer.style.transform = `translate(${this.x}px, ${this.y}px)`;
    const scale = `${this.zoom} ${width} ${height}`;
    if (scale !== this.drawn) {
      this.drawn = scale;
      this.layOut();
    }
    for (const spot of this.spots) if (spot.expanded && this.isInView(spot, 60)) this.onReveal(spot);
  }

  layOut() {
    for (const spot of this.spots) {
      Object.assign(spot, this.position(spot));
      spot.element.style.transform = `translate(${spot.x}px, ${spot.y}px) translate(-50%, -50%)`;
    }
    const occupied = new OccupiedSpace();
    const byName = new Map(this.spots.map((spot) => [spot.point.name, spot]));
    const first = [...this.prioritised].map((name) => byName.get(name)).filter(Boolean); // the chosen one first
    for (const spot of new Set([...first, ...this.spots])) {
      spot.expanded = occupied.claim(spot);
      spot.element.classList.toggle("near", spot.expanded);
    }
  }

  /** Return the position of a spot at the next paint: several keys may be pressed before it. */
  position({ point, size }) {
    const { clientWidth: width, clientHeight: height } = this.frame;
    const half = size[0] / 2 + SPACING; // a long word is not cut off at the edge
    const [x, y] = [MARGIN + point.x * (width - 2 * MARGIN), MARGIN + point.y * (height - 2 * MARGIN)];
    return { x: this.zoom * clamp(x, half, width - half), y: this.zoom * y };
  }

  isInView(spot, margin) {
    const { x: layerX, y: layerY } = this.position(spot);
    const [x, y] = [layerX + this.x, layerY + this.y];
    return x > -margin && y > -margin && x < this.frame.clientWidth + margin && y < this.frame.clientHeight + margin;
  }

  // Pointers: one drags, two pinch; a press without movement is a click on a spot.

  down(event) {
    if (event.button !== 0) return;
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY, travelled: 0 });
  }

  move(event) {
    const pointer = this.pointers.get(event.pointerId);
    if (!pointer) return;
    const [dx, dy] = [event.clientX - pointer.x, event.clientY - pointer.y];
    pointer.travelled += Math.hypot(dx, dy);
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    const before = other && Math.hypot(pointer.x - other.x, pointer.y - other.y);
    Object.assign(pointer, { x: event.clientX, y: event.clientY });
    if (other) {
      this.frame.setPointerCapture(event.pointerId);
      const box = this.frame.getBoundingClientRect();
      const after = Math.hypot(pointer.x - other.x, pointer.y - other.y);
      this.zoomBy(after / Math.max(before, 1), (pointer.x + other.x) / 2 - box.left, (pointer.y + other.y) / 2 - box.top);
      this.moveTo(this.zoom, this.x + dx / 2, this.y + dy / 2);
    } else if (pointer.travelled > DRAG_THRESHOLD) {
      this.frame.setPointerCapture(event.pointerId); // suppresses the click
      this.moveTo(this.zoom, this.x + dx, this.y + dy);
    }
  }

  up(event) { this.pointers.delete(event.pointerId); }

  wheel(event) {
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    const box = this.frame.getBoundingClientRect();
    const factor = Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.002));
    this.zoomBy(factor, event.clientX - box.left, event.clientY - box.top);
  }

  // Keyboard: arrow keys move the focus from spot to spot.

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const focused = this.spots.find((spot) => spot.element === document.activeElement);
    if (event.key in ARROWS && focused) this.neighbourOf(focused, ...ARROWS[event.key])?.element.focus({ preventScroll: true });
    else if (event.key === "+" || event.key === "=") this.zoomAt(ZOOM_STEP, focused);
    else if (event.key === "-") this.zoomAt(1 / ZOOM_STEP, focused);
    else if (event.key === "0") this.reset();
    else return;
    event.preventDefault();
  }

  /** Return the nearest spot in a direction; sideways distance counts twice. */
  neighbourOf(from, dx, dy) {
    let [best, least] = [null, Infinity];
    for (const spot of this.spots) {
      const [x, y] = [spot.x - from.x, spot.y - from.y];
      const [ahead, aside] = [x * dx + y * dy, Math.abs(x * dy) + Math.abs(y * dx)];
      if (ahead > 0.5 && ahead + 2 * aside < least) [best, least] = [spot, ahead + 2 * aside];
    }
    return best;
  }

  zoomAt(factor, spot) {
    if (!spot) return this.zoomBy(factor);
    const { x, y } = this.position(spot);
    return this.zoomBy(factor, x + this.x, y + this.y);
  }

  onFocus(spot) {
    for (const { element } of this.spots) element.tabIndex = element === spot.element ? 0 : -1;
    this.onReveal(spot);
    const neighbours = Object.values(ARROWS).map((direction) => this.neighbourOf(spot, ...direction));
    for (const one of [...neighbours, spot]) if (one) this.onApproach(one);
    if (!this.isInView(spot, -110)) this.centre(spot);
  }
}

/** Space taken by spots, first come, first served; a grid keeps the search short. */
class OccupiedSpace {
  cells = new Map();

  claim({ x, y, size: [width, height] }) {
    const box = { left: x - width / 2 - SPACING, right: x + width / 2 + SPACING, top: y - height / 2 - SPACING, bottom: y + height / 2 + SPACING };
    const cells = [...this.cellsOf(box)];
    const meets = (other) => box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom;
    if (cells.some((cell) => this.cells.get(cell)?.some(meets))) return false;
    for (const cell of cells) this.cells.set(cell, [...(this.cells.get(cell) ?? []), box]);
    return true;
  }

  * cellsOf(box) {
    for (let column = Math.floor(box.left / 64); column <= box.right / 64; column += 1) {
      for (let row = Math.floor(box.top / 64); row <= box.bottom / 64; row += 1) yield `${column} ${row}`;
    }
  }
}
