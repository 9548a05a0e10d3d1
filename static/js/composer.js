/**
 * `<chat-composer>`: Enter sends, what was sent leaves the box, and whatever goes wrong is said beside the box, which keeps
 * its text.
 */
class ChatComposer extends HTMLElement {
  #abort = new AbortController();
  #sent = "";

  // Lifecycle

  connectedCallback() {
    this.#abort = new AbortController();
    const listen = (/** @type {string} */ name, /** @type {(event: any) => void} */ react, on = this) =>
      on.addEventListener(name, react, { signal: this.#abort.signal });
    listen("keydown", (event) => this.#sendOnEnter(event));
    listen("htmx:beforeRequest", (event) => this.#remember(event));
    listen("htmx:sendError", () => this.#say(this.dataset.offline));
    listen("htmx:timeout", () => this.#say(this.dataset.offline));
    listen("htmx:responseError", (event) =>
      this.#say(event.detail.xhr.status === 403 ? this.dataset.forbidden : this.dataset.failed));
    listen("chat:sent", (event) => this.#clear(event.detail.next), document.body);
  }

  disconnectedCallback() {
    this.#abort.abort();
  }

  // Actions

  #sendOnEnter(event) {
    // The Enter that confirms a word of an input method is not a send; Safari tells only by the key code 229.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    if (event.target !== this.#box) return;
    event.preventDefault();
    if (!event.repeat) this.#form.requestSubmit();
  }

  #remember(event) {
    if (event.target !== this.#form) return;
    this.#sent = this.#box.value;
    this.#say("");
  }

  /** @param {string} next the id of the message that will be sent next */
  #clear(next) {
    this.querySelector("#composer-id").value = next;
    // What was typed while the message was on its way stays.
    if (this.#box.value === this.#sent) this.#box.value = "";
    this.#box.focus();
    this.dispatchEvent(new CustomEvent("chat:follow", { bubbles: true }));
  }

  // Internal

  /** @param {string | undefined} words */
  #say(words) {
    document.getElementById("composer-error").textContent = words ?? "";
  }

  get #form() {
    return this.querySelector("form#composer");
  }

  get #box() {
    return this.querySelector("textarea");
  }
}

customElements.define("chat-composer", ChatComposer);
