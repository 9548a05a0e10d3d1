/** Speaking to our own server. Its addresses come from data attributes; a failure is nobody's concern in the page. */
import { csrfToken } from "./csrf.js";

const LONGEST_BODY = 16_000;
const settings = document.querySelector("script[data-kontext]")?.dataset ?? {};

/** Where the facts about the browser go; undefined: nowhere. */
export const browserUrl = settings.browserUrl;

/** Whether our server took it. What a frame made unserialisable or too large is not sent. */
export async function post(url, body) {
  try {
    const headers = { "Content-Type": "application/json", "X-CSRFToken": csrfToken() };
    const text = JSON.stringify(body);
    // Kept alive, so that a click which leaves the page is told too.
    if (new Blob([text]).size > LONGEST_BODY) return false;
    return (await fetch(url, { method: "POST", headers, body: text, keepalive: true })).ok;
  } catch {
    return false;
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
