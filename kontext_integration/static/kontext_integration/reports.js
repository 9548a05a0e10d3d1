/** What one ad has to tell, to our server and to the page around it. */
import { post } from "./server.js";

const HEIGHT_MS = 500;
const MOST_OF_A_NAME = 50;
const LONGEST_ERROR = 200;

/** The events of one ad: of no name a flood that drowns the others, of its heights only those at which it comes to rest. */
export class Reports {
  #ad;
  #counts = new Map();
  #timer = null;

  constructor(ad) {
    this.#ad = ad;
  }

  // Actions

  event(name, payload) {
    const count = (this.#counts.get(name) ?? 0) + 1;
    if (count > MOST_OF_A_NAME) return;
    this.#counts.set(name, count);
    const { message, code, bidId, eventsUrl } = this.#ad.dataset;
    post(eventsUrl, { message_id: message, code, bid_id: bidId, name, payload });
    announce(this.#ad, "event", { name, payload });
    if (name === "ad.error") announce(this.#ad, "error", payload);
  }

  height(height) {
    this.stop();
    this.#timer = setTimeout(() => this.event("ad.height", { height }), HEIGHT_MS);
  }

  stop() {
    clearTimeout(this.#timer);
  }
}

/** Failures of our own code for one ad: nobody feels them, and our server is told the first of each place (protocol 2.5). */
export class Faults {
  #ad;
  #places = new Set();

  constructor(ad) {
    this.#ad = ad;
  }

  // Actions

  /** Does `work`, at once; whatever it throws, now or when its promise breaks, ends here. `where`: the place's name. */
  async contain(where, work) {
    try {
      await work();
    } catch (error) {
      this.#tell(where, error);
    }
  }

  // Internal

  #tell(where, error) {
    if (this.#places.has(where)) return;
    this.#places.add(where);
    const { message, code, bidId, faultsUrl } = this.#ad.dataset;
    const words = `${error?.name}: ${error?.message}`.slice(0, LONGEST_ERROR);
    console.warn(`<kontext-ad>: ${where}: ${words}`);
    if (faultsUrl) post(faultsUrl, { message_id: message, code, bid_id: bidId, where, error: words });
  }
}

/** Tells the page: `kontext:<name>` bubbles from the ad. */
export function announce(ad, name, detail = null) {
  ad.dispatchEvent(new CustomEvent(`kontext:${name}`, { bubbles: true, detail }));
}
