/**
 * The full-screen part of an ad (protocol 6.6), made with the first one that an ad opens. It is a native dialog: what stands
 * behind it cannot be reached, Escape closes it, and the focus goes back to where it was.
 */
import { modalAddress } from "./addresses.js";
import { announce } from "./reports.js";

/** An ad that covers the page again and again is a nuisance: from here on its wish is not heard. */
const MOST_OPENS = 10;

export class Modal {
  #ad;
  #frameOf;
  #dialog = null;
  #frame = null;
  #focused = null;
  #timer = null;
  #opens = 0;

  /** `ad`: the element, whose `modal` attribute tells the state; `frameOf(iframe)`: what hears this iframe for the ad. */
  constructor(ad, frameOf) {
    this.#ad = ad;
    this.#frameOf = frameOf;
  }

  // Actions

  /** Loads the ad's page unseen; it has `timeout` ms to say that it is ready. `params`: JSON for it, or undefined. */
  open({ timeout, params }) {
    const template = this.#ad.querySelector("template");
    if (!template || !this.#ad.isConnected || this.#opens === MOST_OPENS) return;
    this.#opens += 1;
    this.close("replaced");
    this.#dialog = template.content.firstElementChild.cloneNode(true);
    this.#load(params);
    this.#timer = setTimeout(() => this.close("timeout"), timeout);
    this.#ad.setAttribute("modal", "opening");
  }

  show() {
    if (!this.#dialog || this.#dialog.open) return;
    clearTimeout(this.#timer);
    this.#focused = document.activeElement;
    cover(this.#dialog);
    this.#ad.setAttribute("modal", "open");
    announce(this.#ad, "modal-open");
  }

  /** `reason`: "creative", "person", "error", "timeout", "replaced" or "removed"; told to the page. */
  close(reason) {
    const dialog = this.#dialog;
    if (!dialog) return;
    this.#dialog = null;
    clearTimeout(this.#timer);
    this.#frame.close();
    dialog.remove();
    // A dialog that closes gives the focus back by itself; not to a frame, and not when it is removed.
    if (document.activeElement === document.body) this.#focused?.focus({ preventScroll: true });
    this.#focused = null;
    this.#ad.removeAttribute("modal");
    // Whoever heard of the opening hears of the end, although the ad may have left the page.
    announce(this.#ad.isConnected ? this.#ad : document, "modal-close", { reason });
  }

  // Internal

  /** At the end of the page, and never moved: a frame that moves loads again. */
  #load(params) {
    const dialog = this.#dialog;
    const iframe = dialog.querySelector("iframe");
    this.#frame = this.#frameOf(iframe);
    this.#frame.open();
    dialog.addEventListener("close", () => dialog === this.#dialog && this.close("person"));
    iframe.src = modalAddress(iframe.dataset.src, params);
    document.body.append(dialog);
  }
}

/** Lays a dialog over the page, which keeps its width, and so its lines, when its scroll bar goes. */
function cover(dialog) {
  const root = document.documentElement;
  const isFirst = !document.querySelector(".kontext-modal:modal");
  const width = root.clientWidth;
  dialog.showModal();
  if (isFirst) root.style.setProperty("--kontext-scrollbar", `${root.clientWidth - width}px`);
}
