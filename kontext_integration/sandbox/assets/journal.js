// Tells the sandbox's log which messages a creative sent and heard: names, codes and numbers, never a message's text.

const PAUSE_MS = 250;
const MOST = 10; // of one report; the rest is only counted

const text = (value) => (typeof value === "string" ? value.slice(0, 60) : typeof value);
const keys = (value) => Object.keys(value ?? {}).slice(0, 9).map(text).join(", ") || "nothing";

const SUMMARIES = new Map([
  ["update-iframe", (data) => `messages: ${data.messages?.length}, sdk: ${text(data.sdk)}, other: ${keys(data.otherParams)}`],
  ["update-dimensions-iframe", (data) => `${data.containerWidth} × ${data.containerHeight} at ${data.containerX}, ${data.containerY}; more follow every 200 ms`],
  ["user-event-iframe", (data) => text(data.name)],
  ["resize-iframe", (data) => `${data.height} px`],
  ["set-styles-iframe", (data) => `container: ${keys(data.containerStyles)}; iframe: ${keys(data.iframeStyles)}`],
  ["event-iframe", (data) => [data.name, data.payload?.format, data.payload?.errCode].filter(Boolean).map(text).join(" ")],
  ["click-iframe", (data) => text(data.url)],
  ["open-component-iframe", (data) => `${text(data.component)}, timeout ${data.timeout} ms`],
  ["error-component-iframe", (data) => (data.errorType ? text(data.errorType) : "")],
]);

export class Journal {
  #about;
  #messages = [];
  #missed = 0;
  #timer = null;
  #beaten = false;

  // about: {page: "frame" | "modal", bid, code}
  constructor(about) {
    this.#about = about;
    window.addEventListener("pagehide", () => this.#report());
  }

  sent(type, data) {
    this.#note("sent", type, data);
  }

  // Of the heartbeat only the first beat.
  heard(type, data) {
    if (type === "update-dimensions-iframe" && this.#beaten) return;
    this.#beaten ||= type === "update-dimensions-iframe";
    this.#note("heard", type, data);
  }

  #note(direction, type, data) {
    if (this.#messages.length >= MOST) {
      this.#missed += 1;
    } else {
      this.#messages.push({ direction, type: text(type), summary: summary(type, data) });
    }
    this.#timer ??= setTimeout(() => this.#report(), PAUSE_MS);
  }

  // A frame without an origin of its own, as some sandbox attributes make it, may not talk to its server.
  #report() {
    clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#messages.length === 0 || self.origin === "null") return;
    const body = JSON.stringify({ ...this.#about, messages: this.#messages, missed: this.#missed });
    this.#messages = [];
    this.#missed = 0;
    fetch("/log", { method: "POST", body, headers: { "Content-Type": "application/json" }, keepalive: true }).catch(
      () => console.info("Kontext sandbox: its log cannot be reached"),
    );
  }
}

function summary(type, data) {
  try {
    return SUMMARIES.get(type)?.(data ?? {}) ?? "";
  } catch {
    return "unreadable";
  }
}
