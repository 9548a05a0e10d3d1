/** The ad's box in the page: how high it is, how it looks, whether it shows. */
import { resizeInPlace } from "./place.js";
import { announce } from "./reports.js";

const RESERVED_MS = 10_000;
/** A creative that writes its text grows a few dozen times. One that resizes for ever comes to rest here. */
const MOST_HEIGHTS = 300;

export class Box {
  #ad;
  #slot;
  #iframe;
  #height;
  #look = null;
  #isShown = false;
  #isReserved = true;
  #isOpen = true;
  #heights = 0;
  #drawing = null;
  #reservation = null;

  constructor(ad, slot, iframe) {
    this.#ad = ad;
    this.#slot = slot;
    this.#iframe = iframe;
    this.#height = Number(iframe.height);
    // The place that was kept for an ad shown before is given up when the ad does not come.
    if (ad.dataset.height) this.#reservation = setTimeout(() => this.#isShown || this.show(false), RESERVED_MS);
  }

  // Lifecycle

  close() {
    this.#isOpen = false;
    clearTimeout(this.#reservation);
  }

  // Actions: what is asked is drawn once a frame, however often it is asked, and the promise is kept by then.

  show(isShown) {
    this.#isShown = isShown;
    this.#isReserved &&= isShown;
    return this.#draw();
  }

  /** Whether this height, in CSS pixels, is one to draw. */
  takes(height) {
    return height !== this.#height && this.#heights < MOST_HEIGHTS;
  }

  resize(height) {
    this.#height = height;
    return this.#draw();
  }

  /** Each look replaces what the one before it asked for. */
  restyle(container, iframe) {
    this.#look = { container, iframe };
    return this.#draw();
  }

  // Internal

  #draw() {
    this.#drawing ??= new Promise(requestAnimationFrame).then(() => this.#apply());
    return this.#drawing;
  }

  #apply() {
    this.#drawing = null;
    if (this.#isOpen) resizeInPlace(this.#slot, this.#ad, () => this.#change());
  }

  #change() {
    if (this.#height !== Number(this.#iframe.height)) {
      this.#heights += 1;
      this.#iframe.height = this.#height;
    }
    if (!this.#isReserved) this.#ad.removeAttribute("data-height");
    if (this.#look) {
      for (const element of [this.#ad, this.#iframe]) element.removeAttribute("style");
      Object.assign(this.#ad.style, this.#look.container);
      Object.assign(this.#iframe.style, this.#look.iframe);
      this.#look = null;
    }
    this.#reflect(this.#isShown && this.#height > 0);
  }

  #reflect(filled) {
    const ad = this.#ad;
    if (filled === ad.hasAttribute("filled")) return;
    const label = filled ? ad.querySelector(".kontext-ad__label")?.textContent.trim() : null;
    ad.toggleAttribute("filled", filled);
    ad.role = label && "region";
    ad.ariaLabel = label;
    announce(ad, filled ? "show" : "hide");
  }
}
