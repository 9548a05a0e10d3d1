/**
 * The browser relay (protocol OQ-1): this page posts to the ad server what waits for it at ours, and hands back what came of
 * it. It looks when it is loaded, on `kontext:relay` on the document, and when a `<kontext-relay>` comes into the page.
 */
import { csrfToken } from "./csrf.js";
import { relayed } from "./relay-post.js";

const { takeUrl, origin } = document.querySelector("script[data-kontext-relay]").dataset;

/** However it comes into the page, it has the page look, once, and goes. */
class KontextRelay extends HTMLElement {
  connectedCallback() {
    this.remove();
    take();
  }
}

// Actions

/** All that waits; of two pages only one gets a request. */
async function take() {
  try {
    const response = await post(takeUrl);
    if (response.ok) (await response.json()).requests.forEach(handBack);
  } catch {
    // Our server cannot be reached. It waits for a page for some seconds, and then asks again.
  }
}

async function handBack(request) {
  const { body, ...outcome } = await relayed(request, origin);
  try {
    await post(`${request.answer_url}?${new URLSearchParams(outcome)}`, body);
  } catch {
    // The same: to our server the attempt has timed out.
  }
}

// Internal

function post(url, body) {
  return fetch(url, { method: "POST", headers: { "X-CSRFToken": csrfToken() }, body });
}

customElements.define("kontext-relay", KontextRelay);
document.addEventListener("kontext:relay", take);
take();
