/**
 * A line that is no socket: plain requests, for networks that block sockets. Each answer has the fragments that the page
 * misses and the address of the next request. What was not answered is asked again.
 */

import { Line } from "./line.js";

const GONE = 4404;
const LOST = 1006;
const ATTEMPTS = 4;
const PAUSE_MS = 700;
/** An answer that takes longer was lost. */
const ANSWER_MS = 10_000;

const sleep = (/** @type {number} */ ms) => new Promise((done) => setTimeout(done, ms));

export class Tail extends Line {
  #abort = new AbortController();

  // Lifecycle

  /** @param {string} address of the first request */
  constructor(address) {
    super();
    this.#follow(address);
  }

  close(code = 1000) {
    this.#abort.abort();
    super.close(code);
  }

  // Internal

  async #follow(/** @type {string} */ address) {
    let next = address;
    while (this.readyState !== WebSocket.CLOSED) {
      const response = await this.#ask(next);
      const answer = response?.ok && (await response.json().catch(() => null));
      if (this.readyState === WebSocket.CLOSED) return;
      if (!answer) return this.close(response?.status === 404 ? GONE : LOST);
      this.worked = true;
      if (this.readyState === WebSocket.CONNECTING) this.opened();
      for (const data of answer.html) this.brought(data);
      next = answer.next;
      await sleep(answer.pause_ms);
    }
  }

  /** The last answer to a request. A first one that fails says that nothing can be reached; a later one may have met the
   * time-out of a proxy or a server that restarts, so it is asked again. */
  async #ask(/** @type {string} */ address) {
    for (let attempt = this.worked ? 1 : ATTEMPTS; ; attempt++) {
      const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(ANSWER_MS)]);
      const response = await fetch(address, { signal, cache: "no-store" }).catch(() => null);
      const isFinal = response?.ok || response?.status === 404 || attempt >= ATTEMPTS;
      if (isFinal || this.#abort.signal.aborted) return response;
      await sleep(PAUSE_MS * attempt);
    }
  }
}
