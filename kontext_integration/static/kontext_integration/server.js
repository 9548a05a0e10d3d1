/** Speaking to our own server. Its addresses come from data attributes; a failure is nobody's concern in the page. */

const LONGEST_BODY = 16_000;
const HEIGHT_MS = 500;
const MOST_EVENTS = 60;
const settings = document.querySelector("script[data-kontext]")?.dataset ?? {};

/** Where the facts about the browser go; undefined: nowhere. */
export const browserUrl = settings.browserUrl;

/** Sends and forgets. What a frame made unserialisable or too large is not sent. */
export async function post(url, body) {
  try {
    const headers = { "Content-Type": "application/json", "X-CSRFToken": csrfToken() };
    const text = JSON.stringify(body);
    // Kept alive, so that a click which leaves the page is told too.
    if (new Blob([text]).size <= LONGEST_BODY) await fetch(url, { method: "POST", headers, body: text, keepalive: true });
  } catch {
    // Nothing in the page depends on it.
  }
}

/** The JSON at `url`; null when it cannot be had. */
export async function get(url) {
  try {
    const response = await fetch(url, { headers: { Accept: "application/json" } });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

/** The events of one ad: no flood of them, and of its heights only the one at which it comes to rest. */
export class Reports {
  #ad;
  #count = 0;
  #timer = null;

  constructor(ad) {
    this.#ad = ad;
  }

  // Actions

  event(name, payload) {
    this.#count += 1;
    if (this.#count > MOST_EVENTS) return;
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

/** Tells the page: `kontext:<name>` bubbles from the ad. */
export function announce(ad, name, detail = null) {
  ad.dispatchEvent(new CustomEvent(`kontext:${name}`, { bubbles: true, detail }));
}

// Internal

/** The cookie is the newest; the attribute is for sites whose cookie scripts cannot read. */
function csrfToken() {
  const start = `${settings.csrfCookie ?? "csrftoken"}=`;
  const cookie = document.cookie.split("; ").find((item) => item.startsWith(start));
  return cookie ? decodeURIComponent(cookie.slice(start.length)) : (settings.csrfToken ?? "");
}
