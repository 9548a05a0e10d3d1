/** The ad frames on the page: one message listener and one heartbeat for all of them, neither while there is none. */
import { guardFocus, isMeant, leaveFocus } from "./focus.js";
import { updateDimensions, userEvent } from "./protocol.js";

const BEAT_MS = 200;
/** An honest frame asks once each time it loads. */
const MOST_ANSWERS = 50;
/** An ad that takes the focus again and again, or says more than a page can hear, lets nobody type: it goes, as one that failed. */
const MOST_THEFTS = 10;
const MOST_MESSAGES = 20_000;
const FLOOD_MS = 10_000;
const frames = new Set();
let heartbeat;

/** One iframe of the ad server: the only way to hear from it and to speak to it. */
export class AdFrame {
  #iframe;
  #ad;
  #heard = false;
  #answers = 0;
  #thefts = 0;
  #messages = 0;
  #since = 0;

  /**
   * `ad`: `origin` of the ad server, canonical; `code`; `speaker`: "inline" or "modal", which frame of its ad it is;
   * `container`: whose box the heartbeat tells; `receive(data, frame)`: takes what it says; `faults`: where failures end.
   */
  constructor(iframe, ad) {
    this.#iframe = iframe;
    this.#ad = ad;
  }

  get code() {
    return this.#ad.code;
  }

  get speaker() {
    return this.#ad.speaker;
  }

  isIn(iframe) {
    return this.#iframe === iframe;
  }

  get isMeant() {
    return isMeant(this.#iframe);
  }

  get isOpen() {
    return frames.has(this);
  }

  // Lifecycle

  open() {
    if (frames.size === 0) listen();
    frames.add(this);
  }

  close() {
    frames.delete(this);
    if (frames.size === 0) stopListening();
  }

  // Actions

  /** Takes a message that truly comes from this frame: origin and window both say so (protocol 6.4). */
  hear({ origin, source, data }) {
    if (origin !== this.#ad.origin || !source || source !== this.#iframe.contentWindow) return;
    this.#heard = true;
    this.#count();
    if (!this.isOpen) return;
    this.#ad.faults.contain("Ad.receive", () => this.#ad.receive(data, this));
  }

  /** Whether its question is answered: each time, but without end to no flood of them. */
  takesAnswer() {
    this.#answers += 1;
    return this.#answers <= MOST_ANSWERS;
  }

  tookFocus() {
    this.#thefts += 1;
    if (this.#thefts === MOST_THEFTS) this.#fail();
  }

  post(message) {
    this.#iframe.contentWindow?.postMessage(message, this.#ad.origin);
  }

  /** Nothing before the frame's first word: until then an empty document would be addressed in vain. */
  beat(viewport) {
    if (!this.#heard) return;
    const { container, faults } = this.#ad;
    faults.contain("Ad.beat", () => this.post(updateDimensions(viewport, screen, container.getBoundingClientRect())));
  }

  // Internal

  #count() {
    const now = performance.now();
    if (now - this.#since > FLOOD_MS) [this.#since, this.#messages] = [now, 0];
    this.#messages += 1;
    if (this.#messages === MOST_MESSAGES) this.#fail();
  }

  #fail() {
    this.#ad.faults.contain("Ad.fail", () => this.#ad.receive({ type: "error-iframe" }, this));
  }
}

// Internal

function listen() {
  addEventListener("message", onMessage);
  document.addEventListener("kontext:user-event", onUserEvent);
  heartbeat = setInterval(beat, BEAT_MS);
  guardFocus((iframe) => [...frames].find((frame) => frame.speaker === "inline" && frame.isIn(iframe)));
}

function stopListening() {
  removeEventListener("message", onMessage);
  document.removeEventListener("kontext:user-event", onUserEvent);
  clearInterval(heartbeat);
  leaveFocus();
}

function onMessage(event) {
  for (const frame of frames) frame.hear(event);
}

/** The host page tells what the person does: `{name, payload?, code?}` in the event's detail (protocol 6.8). */
function onUserEvent({ detail }) {
  const message = userEvent(detail?.name, detail?.payload, detail?.code);
  for (const frame of frames) if (message?.data.code === frame.code) frame.post(message);
}

function beat() {
  const viewport = { width: innerWidth, height: innerHeight, keyboardHeight: keyboardHeight() };
  for (const frame of frames) frame.beat(viewport);
}

/** The on-screen keyboard's height: what the visual viewport lacks, when it lacks it for no zoom. */
function keyboardHeight() {
  if (navigator.maxTouchPoints === 0) return 0;
  return Math.max(0, Math.round(innerHeight - visualViewport.height * visualViewport.scale));
}
