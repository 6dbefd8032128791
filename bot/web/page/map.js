// A map to wander through: spots that lie where the engine put them, zoom, pan, and a walk by arrow keys.
//
// Spots are real buttons, so that pointers, keyboards and screen readers all find them. A spot that would
// lie on another one is a dot until one comes nearer, points at it or walks to it.

import { h } from "./dom.js";

const NEAREST = 30; // times the whole map
const STEP = 1.6; // of one press of a zoom key
const EDGE = 60; // pixels that stay free around the whole map
const DRAG = 6; // pixels a finger may tremble before it drags
const AIR = 3; // pixels between two spots
const INKS = 9;

const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const between = (value, low, high) => Math.min(Math.max(value, low), high);

export class Chart {
  /** `frame` holds a `.layer`; `onAsk(point)` is called when a spot is pressed, `onFace(spot)` when it is to be seen. */
  constructor(frame, onAsk, onFace) {
    Object.assign(this, { frame, onAsk, onFace, layer: frame.querySelector(".layer") });
    Object.assign(this, { spots: [], zoom: 1, x: 0, y: 0, drawn: null, pointers: new Map(), marked: ["", []], kin: new Set() });
    new ResizeObserver(() => this.draw()).observe(frame);
    frame.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    frame.addEventListener("keydown", (event) => this.key(event));
    for (const kind of ["down", "move", "up", "cancel"]) {
      frame.addEventListener(`pointer${kind}`, (event) => this[kind === "cancel" ? "up" : kind](event));
    }
  }

  /** Show points; `dress(point, number)` gives the class, the label and the face of each spot. */
  show(points, dress) {
    this.spots = points.map((point, number) => {
      const { kind, label, face } = dress(point, number);
      const element = h("button", {
        type: "button", class: `spot ${kind} n${point.neighbourhood % INKS}`, tabindex: number ? -1 : 0,
        "aria-label": label, onclick: () => this.onAsk(point),
      }, face);
      const spot = { point, element, face };
      element.addEventListener("focus", () => this.arrive(spot));
      element.addEventListener("pointerenter", () => this.onFace(spot));
      return spot;
    });
    this.layer.replaceChildren(...this.spots.map((spot) => spot.element));
    for (const spot of this.spots) spot.element.classList.add("near");
    for (const spot of this.spots) spot.size = [spot.element.offsetWidth, spot.element.offsetHeight];
    this.mark(...this.marked);
    this.whole();
  }

  /** Mark the spot that was asked about and those that are its kin. */
  mark(chosen, kin) {
    this.marked = [chosen, kin];
    this.kin = new Set([chosen, ...kin]);
    for (const { point, element } of this.spots) {
      element.classList.toggle("chosen", point.name === chosen);
      element.classList.toggle("kin", kin.includes(point.name));
    }
    this.draw({ anew: true });
  }

  whole() { this.look(1, 0, 0); }

  /** Come nearer by a factor, around a place of the frame in pixels (its middle, if none is given). */
  come(factor, x = this.frame.clientWidth / 2, y = this.frame.clientHeight / 2) {
    const zoom = between(this.zoom * factor, 1, NEAREST);
    const grown = zoom / this.zoom;
    this.look(zoom, x - (x - this.x) * grown, y - (y - this.y) * grown);
  }

  look(zoom, x, y) {
    const { clientWidth: width, clientHeight: height } = this.frame;
    this.zoom = zoom;
    this.x = between(x, width * (1 - zoom), 0);
    this.y = between(y, height * (1 - zoom), 0);
    this.draw();
  }

  /** Draw in the next frame, once however often it is asked for. */
  draw({ anew = false } = {}) {
    if (anew) this.drawn = null;
    this.frameAsked ??= requestAnimationFrame(() => { this.frameAsked = null; this.paint(); });
  }

  paint() {
    const { clientWidth: width, clientHeight: height } = this.frame;
    if (!width || !height) return;
    this.layer.style.transform = `translate(${this.x}px, ${this.y}px)`;
    const scale = `${this.zoom} ${width} ${height}`;
    if (scale !== this.drawn) {
      this.drawn = scale;
      this.place();
    }
    for (const spot of this.spots) if (spot.near && this.isInView(spot, 60)) this.onFace(spot);
  }

  place() {
    for (const spot of this.spots) {
      Object.assign(spot, this.where(spot));
      spot.element.style.transform = `translate(${spot.x}px, ${spot.y}px) translate(-50%, -50%)`;
    }
    const room = new Room();
    const byName = new Map(this.spots.map((spot) => [spot.point.name, spot]));
    const first = [...this.kin].map((name) => byName.get(name)).filter(Boolean); // the chosen one before all
    for (const spot of new Set([...first, ...this.spots])) {
      spot.near = room.take(spot);
      spot.element.classList.toggle("near", spot.near);
    }
  }

  /** Place of a spot on the layer as it will be drawn next: several keys may come before that. */
  where({ point, size }) {
    const { clientWidth: width, clientHeight: height } = this.frame;
    const half = size[0] / 2 + AIR; // a long word stays whole at the edge
    const [x, y] = [EDGE + point.x * (width - 2 * EDGE), EDGE + point.y * (height - 2 * EDGE)];
    return { x: this.zoom * between(x, half, width - half), y: this.zoom * y };
  }

  isInView(spot, margin) {
    const { x: right, y: down } = this.where(spot);
    const [x, y] = [right + this.x, down + this.y];
    return x > -margin && y > -margin && x < this.frame.clientWidth + margin && y < this.frame.clientHeight + margin;
  }

  // Pointers: one drags, two pinch; a press that does not move is a click on a spot.

  down(event) {
    if (event.button !== 0) return;
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY, way: 0 });
  }

  move(event) {
    const pointer = this.pointers.get(event.pointerId);
    if (!pointer) return;
    const [dx, dy] = [event.clientX - pointer.x, event.clientY - pointer.y];
    pointer.way += Math.hypot(dx, dy);
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    const before = other && Math.hypot(pointer.x - other.x, pointer.y - other.y);
    Object.assign(pointer, { x: event.clientX, y: event.clientY });
    if (other) {
      this.frame.setPointerCapture(event.pointerId);
      const box = this.frame.getBoundingClientRect();
      const after = Math.hypot(pointer.x - other.x, pointer.y - other.y);
      this.come(after / Math.max(before, 1), (pointer.x + other.x) / 2 - box.left, (pointer.y + other.y) / 2 - box.top);
      this.look(this.zoom, this.x + dx / 2, this.y + dy / 2);
    } else if (pointer.way > DRAG) {
      this.frame.setPointerCapture(event.pointerId); // and no click follows
      this.look(this.zoom, this.x + dx, this.y + dy);
    }
  }

  up(event) { this.pointers.delete(event.pointerId); }

  wheel(event) {
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    const box = this.frame.getBoundingClientRect();
    const factor = Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.002));
    this.come(factor, event.clientX - box.left, event.clientY - box.top);
  }

  // The keyboard: one spot has the focus, arrows walk on.

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const here = this.spots.find((spot) => spot.element === document.activeElement);
    if (event.key in WAYS && here) this.nextTo(here, ...WAYS[event.key])?.element.focus({ preventScroll: true });
    else if (event.key === "+" || event.key === "=") this.near(STEP, here);
    else if (event.key === "-") this.near(1 / STEP, here);
    else if (event.key === "0") this.whole();
    else return;
    event.preventDefault();
  }

  /** The spot to go to: near, and rather straight ahead than aside. */
  nextTo(here, dx, dy) {
    let [best, least] = [null, Infinity];
    for (const spot of this.spots) {
      const [x, y] = [spot.x - here.x, spot.y - here.y];
      const [ahead, aside] = [x * dx + y * dy, Math.abs(x * dy) + Math.abs(y * dx)];
      if (ahead > 0.5 && ahead + 2 * aside < least) [best, least] = [spot, ahead + 2 * aside];
    }
    return best;
  }

  near(factor, spot) {
    if (!spot) return this.come(factor);
    const { x, y } = this.where(spot);
    return this.come(factor, x + this.x, y + this.y);
  }

  arrive(spot) {
    for (const { element } of this.spots) element.tabIndex = element === spot.element ? 0 : -1;
    this.onFace(spot);
    if (!this.isInView(spot, -110)) {
      const { x, y } = this.where(spot);
      this.look(this.zoom, this.frame.clientWidth / 2 - x, this.frame.clientHeight / 2 - y);
    }
  }
}

/** Who came first has the room; a grid keeps the search short. */
class Room {
  cells = new Map();

  take({ x, y, size: [width, height] }) {
    const box = { left: x - width / 2 - AIR, right: x + width / 2 + AIR, top: y - height / 2 - AIR, bottom: y + height / 2 + AIR };
    const cells = [...this.around(box)];
    const meets = (other) => box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom;
    if (cells.some((cell) => this.cells.get(cell)?.some(meets))) return false;
    for (const cell of cells) this.cells.set(cell, [...(this.cells.get(cell) ?? []), box]);
    return true;
  }

  * around(box) {
    for (let column = Math.floor(box.left / 64); column <= box.right / 64; column += 1) {
      for (let row = Math.floor(box.top / 64); row <= box.bottom / 64; row += 1) yield `${column} ${row}`;
    }
  }
}
