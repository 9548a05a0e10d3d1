/**
 * What htmx takes for a socket: something that opens, brings messages and closes. `Socket` is a real one under watch; the
 * other kind is in tail.js.
 */

const LOST = 1006;
/** What the server says to be heard, and nothing else. */
const BEAT = "<!---->";
/** Between the parts of one message: the page takes them one by one, but all or none, so it is never seen in between. */
const PART = "<!--|-->";
/** So long a socket may take to open, and then to its first word; the server says one after a second. */
const FIRST_MS = 5000;
/** So long it may be silent: the server says a word every 2.5 s while a reply is live, every 20 s else. */
const LIVE_MS = 7500;
const IDLE_MS = 45_000;
/** A clock that stood still for so long belongs to a computer that slept: its sockets are gone, though nobody says so. */
const SLEPT_MS = 90_000;
const TICK_MS = 500;

export class Line extends EventTarget {
  OPEN = WebSocket.OPEN;
  readyState = WebSocket.CONNECTING;
  /** Whether it has ever brought anything, or could have. */
  worked = false;

  /** Everything comes from the server. */
  send() {}

  close(code = 1000) {
    if (this.readyState === WebSocket.CLOSED) return;
    this.readyState = WebSocket.CLOSED;
    this.tell(new CloseEvent("close", { code }));
  }

  opened() {
    this.readyState = WebSocket.OPEN;
    this.tell(new Event("open"));
  }

  /** @param {string} data */
  brought(data) {
    this.worked = true;
    if (data === BEAT) return this.tell(new Event("beat"));
    for (const part of data.split(PART)) this.tell(new MessageEvent("message", { data: part }));
  }

  /** As a socket does: to `onopen` and its like, and to whoever listens. @param {Event} event */
  tell(event) {
    this[`on${event.type}`]?.(event);
    this.dispatchEvent(event);
  }
}

/** One that does not open, never speaks or falls silent is closed, as lost, at once. */
export class Socket extends Line {
  #abort = new AbortController();
  /** Whether it was this page that lost patience with it. */
  gaveUp = false;
  #heard = performance.now();
  #ticked = Date.now();
  #socket;
  #clock;

  // Lifecycle

  /** @param {string} address */
  constructor(address) {
    super();
    this.#socket = new WebSocket(address);
    this.#clock = setInterval(() => this.#watch(), TICK_MS);
    const listen = (/** @type {string} */ name, /** @type {(event: any) => void} */ react, on = this.#socket) =>
      on.addEventListener(name, react, { signal: this.#abort.signal });
    listen("open", () => (this.#note(), this.opened()));
    listen("message", (event) => (this.#note(), this.brought(event.data)));
    listen("close", (event) => this.close(event.code));
    listen("online", () => this.close(LOST), window);
  }

  close(code = 1000) {
    clearInterval(this.#clock);
    this.#abort.abort();
    this.#socket.close();
    super.close(code);
  }

  // Internal

  #note() {
    this.#heard = performance.now();
  }

  #watch() {
    const slept = Date.now() - this.#ticked > SLEPT_MS;
    this.#ticked = Date.now();
    if (!slept && performance.now() - this.#heard <= this.#patience) return;
    this.gaveUp = !slept;
    this.close(LOST);
  }

  get #patience() {
    if (!this.worked) return FIRST_MS;
    return document.querySelector('[data-state="pending"], [data-state="streaming"]') ? LIVE_MS : IDLE_MS;
  }
}
