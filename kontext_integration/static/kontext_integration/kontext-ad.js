/**
 * `<kontext-ad>`: one ad under one message, however it came into the page. Data attributes in, bubbling events out:
 * `kontext:show`, `-hide`, `-resize`, `-error` and `-event` ({name, payload}). Its state stands in its attributes:
 * `mounted` (the frame has an address), `ready` (the frame was answered), `filled` (the ad shows).
 */
import { AdFrame } from "./frame.js";
import { resizeInPlace, whenNear } from "./place.js";
import { clickAddress, parseMessage, updateIframe } from "./protocol.js";
import { announce, get, Reports } from "./server.js";

const RESERVED_MS = 10_000;

class KontextAd extends HTMLElement {
  #iframe = null;
  #frame = null;
  #snapshot = null;
  #stopWaiting = () => {};
  #reservation = null;
  #shown = false;
  #reports = new Reports(this);

  // Lifecycle

  connectedCallback() {
    const iframe = this.querySelector("iframe");
    if (this.hasAttribute("filled") && iframe) this.dataset.height = iframe.height;
    for (const state of ["mounted", "ready", "filled", "role", "aria-label"]) this.removeAttribute(state);
    // A frame that is put in again with its address loads by itself.
    if (iframe?.hasAttribute("src")) this.#mount();
    else this.#stopWaiting = whenNear(this.#slot, () => this.#mount());
  }

  disconnectedCallback() {
    this.#stopWaiting();
    this.#frame?.close();
    this.#frame = null;
    this.#shown = false;
    this.#reports.stop();
    clearTimeout(this.#reservation);
  }

  /** `moveBefore()` keeps the frame alive: nothing ends and nothing begins. */
  connectedMoveCallback() {}

  // Actions

  #actions = {
    "init-iframe": () => this.#answer(),
    "show-iframe": () => this.#show(true),
    "hide-iframe": () => this.#show(false),
    "resize-iframe": ({ height }) => this.#resize(height),
    "set-styles-iframe": ({ container, iframe }) => this.#restyle(container, iframe),
    "event-iframe": ({ name, payload }) => this.#reports.event(name, payload),
    "click-iframe": (click) => this.#open(click),
    "error-iframe": () => this.#fail(),
  };

  #receive(data) {
    const message = parseMessage(data, this.dataset.code);
    if (message) this.#actions[message.type](message);
  }

  async #answer() {
    const { sdk, message, code, theme } = this.dataset;
    const frame = this.#frame;
    const messages = (await this.#messages())?.messages ?? [];
    // Meanwhile the ad may have been removed.
    if (frame !== this.#frame) return;
    frame.post(updateIframe({ messages, sdk, messageId: message, code, theme }));
    this.toggleAttribute("ready", true);
  }

  #show(shown) {
    this.#shown = shown;
    this.#change(() => !shown && this.removeAttribute("data-height"));
  }

  #resize(height) {
    if (height === Number(this.#iframe.height)) return;
    this.#change(() => (this.#iframe.height = height));
    this.#reports.height(height);
  }

  /** Each message replaces what the one before it asked for. */
  #restyle(container, iframe) {
    this.#change(() => {
      this.removeAttribute("style");
      this.#iframe.removeAttribute("style");
      Object.assign(this.style, container);
      Object.assign(this.#iframe.style, iframe);
    });
  }

  #open(click) {
    const address = "openClicks" in this.dataset ? clickAddress(click, this.dataset.adServer) : null;
    if (address) window.open(address, "_blank", "noopener,noreferrer");
  }

  #fail() {
    this.#reports.event("ad.error", { message: "Error loading iframe", errCode: "iframe_error" });
    resizeInPlace(this.#slot, this, () => this.remove());
  }

  // Internal

  get #slot() {
    return this.closest("[data-ad-slot]") ?? this;
  }

  #mount() {
    const { origin, code } = this.dataset;
    const iframe = this.querySelector("iframe");
    if (!iframe) return;
    this.#iframe = iframe;
    this.#frame = new AdFrame(iframe, { origin, code, container: this.#slot, receive: (data) => this.#receive(data) });
    this.#frame.open();
    if (!iframe.hasAttribute("src")) iframe.src = iframe.dataset.src;
    this.toggleAttribute("mounted", true);
    this.#messages();
    // The place that was kept for an ad shown before is given up when the ad does not come.
    if (this.dataset.height) this.#reservation = setTimeout(() => this.#shown || this.#show(false), RESERVED_MS);
  }

  /** The frozen messages that the bid was made for: fetched once, answered as often as the frame asks. */
  #messages() {
    return (this.#snapshot ??= get(this.dataset.snapshotUrl));
  }

  #change(change) {
    resizeInPlace(this.#slot, this, () => {
      change();
      this.#reflect(this.#shown && Number(this.#iframe.height) > 0);
    });
  }

  #reflect(filled) {
    if (filled === this.hasAttribute("filled")) return;
    const label = filled ? this.querySelector(".kontext-ad__label")?.textContent.trim() : null;
    this.toggleAttribute("filled", filled);
    this.role = label && "region";
    this.ariaLabel = label;
    announce(this, filled ? "show" : "hide");
  }
}

customElements.define("kontext-ad", KontextAd);
