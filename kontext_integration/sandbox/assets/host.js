// The frame's side of the postMessage protocol (6.3 to 6.8): sending to the host, and hearing what the host sends.

import { problemsOfDimensions } from "./checks.js";

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

export class Host {
  #code;
  #journal;
  #origin = "*"; // until the host has shown its own
  #complained = false;

  constructor(code, journal) {
    this.#code = code;
    this.#journal = journal;
  }

  // Calls onUpdate(data) for every update-iframe of the page that frames us.
  listen(onUpdate) {
    window.addEventListener("message", ({ data, origin, source }) => {
      if (source !== window.parent || source === window || !isObject(data) || !isObject(data.data)) return;
      if (data.data.code !== undefined && data.data.code !== this.#code) return;
      this.#journal.heard(data.type, data.data);
      if (data.type === "update-iframe") {
        this.#origin = origin === "null" ? "*" : origin;
        onUpdate(data.data);
      } else if (data.type === "update-dimensions-iframe") {
        this.#checkDimensions(data.data);
      }
    });
  }

  send(type, data = {}) {
    this.raw({ type, data: { ...data, code: this.#code } });
  }

  event(name, payload) {
    this.send("event-iframe", { name, payload });
  }

  // Sends anything at all, for a frame that does not keep the rules.
  raw(message) {
    if (window.parent === window) return;
    this.#journal.sent(message?.type, message?.data);
    window.parent.postMessage(message, this.#origin);
  }

  #checkDimensions(data) {
    const problem = problemsOfDimensions(data);
    if (problem && !this.#complained) {
      this.#complained = true;
      console.warn(`Kontext sandbox: ${problem}`);
    }
  }
}
