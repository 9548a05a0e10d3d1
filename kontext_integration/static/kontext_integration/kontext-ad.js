/**
 * `<kontext-ad>`: one ad under one message, however it came into the page. Data attributes in, bubbling events out:
 * `kontext:show`, `-hide`, `-resize`, `-error`, `-event` ({name, payload}), `-modal-open` and `-modal-close` ({reason}).
 * Its state stands in its attributes: `mounted` (the frame has an address), `ready` (the frame was answered), `filled` (the
 * ad shows), `modal` ("opening" or "open": its full-screen part).
 */
import { clickAddress } from "./addresses.js";
import { Box } from "./box.js";
import { AdFrame } from "./frame.js";
import { resizeInPlace, whenNear } from "./place.js";
import { parseMessage, updateIframe } from "./protocol.js";
import { Faults, Reports } from "./reports.js";
import { get } from "./server.js";
import "./user-event.js";

/** No ad is higher, in CSS pixels: whoever wants to read on must get by it. */
const HIGHEST_PX = 2000;
const STATES = ["mounted", "ready", "filled", "modal", "role", "aria-label"];

class KontextAd extends HTMLElement {
  #frame = null;
  #box = null;
  #modal = null;
  #snapshot = null;
  #stopWaiting = () => {};
  #reports = new Reports(this);
  #faults = new Faults(this);

  // Lifecycle

  connectedCallback() {
    const iframe = this.querySelector("iframe");
    if (this.hasAttribute("filled") && iframe) this.dataset.height = iframe.height;
    for (const state of STATES) this.removeAttribute(state);
    // A frame that is put in again with its address loads by itself.
    if (iframe?.hasAttribute("src")) this.#mount();
    else this.#stopWaiting = whenNear(this.#slot, () => this.#mount());
  }

  disconnectedCallback() {
    this.#stopWaiting();
    this.#frame?.close();
    this.#box?.close();
    this.#faults.contain("Ad.close", () => this.#withModal((modal) => modal.close("removed")));
    this.#reports.stop();
  }

  /** `moveBefore()` keeps the frame alive: nothing ends and nothing begins. */
  connectedMoveCallback() {}

  // Actions

  #actions = {
    "init-iframe": (_, frame) => this.#answer(frame),
    "show-iframe": () => this.#box.show(true),
    "hide-iframe": () => this.#box.show(false),
    "resize-iframe": ({ height }) => this.#resize(height),
    "set-styles-iframe": ({ container, iframe }) => this.#box.restyle(container, iframe),
    "event-iframe": ({ name, payload }) => this.#reports.event(name, payload),
    "click-iframe": (click, frame) => this.#open(click, frame),
    "error-iframe": () => this.#fail(),
    "open-component-iframe": (wish) => this.#openModal(wish),
    "init-component-iframe": () => this.#withModal((modal) => modal.show()),
    "close-component-iframe": () => this.#withModal((modal) => modal.close("creative")),
    "error-component-iframe": (failure) => this.#failModal(failure),
  };

  #receive(data, frame) {
    const message = parseMessage(data, this.dataset.code, frame.speaker);
    return message && this.#actions[message.type](message, frame);
  }

  async #answer(frame) {
    if (!frame.takesAnswer()) return;
    const { sdk, message, code, theme } = this.dataset;
    const messages = await this.#messages();
    // Meanwhile the ad, or its modal, may have been removed.
    if (!frame.isOpen) return;
    frame.post(updateIframe({ messages, sdk, messageId: message, code, theme }));
    if (frame === this.#frame) this.toggleAttribute("ready", true);
  }

  #resize(asked) {
    const height = Math.min(asked, HIGHEST_PX);
    if (!this.#box.takes(height)) return;
    this.#reports.height(height);
    return this.#box.resize(height);
  }

  /** Only for a person who turned to the ad: one who types is active too, and a browser may let this site open windows. */
  #open(click, frame) {
    const address = "openClicks" in this.dataset ? clickAddress(click, this.dataset.adServer) : null;
    if (address && frame.isMeant) window.open(address, "_blank", "noopener,noreferrer");
  }

  #fail() {
    this.#reports.event("ad.error", { message: "Error loading iframe", errCode: "iframe_error" });
    resizeInPlace(this.#slot, this, () => this.remove());
  }

  #openModal(wish) {
    this.#modal ??= import("./modal.js").then(({ Modal }) => new Modal(this, (iframe) => this.#frameOf(iframe, "modal")));
    return this.#withModal((modal) => modal.open(wish));
  }

  #failModal({ message, errCode }) {
    this.#reports.event("ad.error", { message, errCode });
    return this.#withModal((modal) => modal.close("error"));
  }

  // Internal

  get #slot() {
    return this.closest("[data-ad-slot]") ?? this;
  }

  #mount() {
    const iframe = this.querySelector("iframe");
    if (!iframe) return;
    this.#box = new Box(this, this.#slot, iframe);
    this.#frame = this.#frameOf(iframe, "inline", this.#slot);
    this.#frame.open();
    if (!iframe.hasAttribute("src")) iframe.src = iframe.dataset.src;
    this.toggleAttribute("mounted", true);
    this.#messages();
  }

  #frameOf(iframe, speaker, container = iframe) {
    const { origin, code } = this.dataset;
    const receive = (data, frame) => this.#receive(data, frame);
    return new AdFrame(iframe, { origin, code, speaker, container, receive, faults: this.#faults });
  }

  /** The frozen messages that the bid was made for: fetched once, unless that failed; [] when they cannot be had. */
  async #messages() {
    this.#snapshot ??= get(this.dataset.snapshotUrl);
    const found = await this.#snapshot;
    if (!found) this.#snapshot = null;
    return found?.messages ?? [];
  }

  /** What is said while the modal's module is on its way waits for it, in order. Before an opening there is none. */
  async #withModal(act) {
    if (this.#modal) act(await this.#modal);
  }
}

customElements.define("kontext-ad", KontextAd);
