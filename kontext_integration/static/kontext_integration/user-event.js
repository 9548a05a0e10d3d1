/**
 * `<kontext-user-event>`: the server tells the mounted ads what the person does (protocol 6.8). However it comes into the page,
 * it says it once, by `kontext:user-event` on the document, and goes.
 */

/** JSON, or undefined for what is none. */
function json(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

class KontextUserEvent extends HTMLElement {
  connectedCallback() {
    const { name, code, payload } = this.dataset;
    this.remove();
    const detail = { name, code, payload: json(payload) };
    document.dispatchEvent(new CustomEvent("kontext:user-event", { detail }));
  }
}

customElements.define("kontext-user-event", KontextUserEvent);
