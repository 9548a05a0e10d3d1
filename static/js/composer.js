/**
 * `<chat-composer>`: Enter sends, what was sent leaves the box, and whatever goes wrong is said beside the box, which keeps
 * its text.
 */
class ChatComposer extends HTMLElement {
  #abort = new AbortController();
  #sent = "";
  #isBegun = false;

  // Lifecycle

  connectedCallback() {
    this.#abort = new AbortController();
    const listen = (/** @type {string} */ name, /** @type {(event: any) => void} */ react, on = this) =>
      on.addEventListener(name, react, { signal: this.#abort.signal });
    listen("keydown", (event) => this.#sendOnEnter(event));
    listen("input", () => (this.#say(""), this.#noticeBeginning()));
    listen("htmx:beforeRequest", (event) => this.#remember(event));
    // Stop and Try again have no place of their own for what went wrong, so it is said here too.
    const page = document.body;
    listen("htmx:sendError", (event) => this.#say(this.#isSend(event) ? this.dataset.offline : this.dataset.unreachable), page);
    listen("htmx:responseError", (event) => this.#explain(event), page);
    listen("htmx:afterRequest", () => this.#keepFocus(document.activeElement === page), page);
    listen("htmx:wsAfterMessage", () => (this.#noticeArrival(), this.#keepFocus()), page);
    listen("chat:sent", (event) => this.#clear(event.detail.next), page);
    // An error page, such as the one that django-htmx shows in development, would take the typed text with it.
    listen("htmx:beforeOnLoad", (event) => event.stopPropagation(), page);
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

  /** Once for each message that the person begins, whoever wants to know. */
  #noticeBeginning() {
    const wasBegun = this.#isBegun;
    this.#isBegun = this.#box.value !== "";
    if (wasBegun || !this.#isBegun) return;
    document.dispatchEvent(new CustomEvent("kontext:user-event", { detail: { name: "user.typing.started" } }));
  }

  #remember(event) {
    if (!this.#isSend(event)) return;
    this.#sent = this.#box.value;
    this.#say("");
  }

  /** @param {string} next the id of the message that will be sent next */
  #clear(next) {
    this.querySelector("#composer-id").value = next;
    // What was typed while the message was on its way stays.
    if (this.#box.value === this.#sent) this.#box.value = "";
    this.#isBegun = this.#box.value !== "";
    this.#box.focus();
    this.#say("");
    this.dispatchEvent(new CustomEvent("chat:follow", { bubbles: true }));
  }

  /** The answer to the POST was lost, but the socket shows the message: it was sent. */
  #noticeArrival() {
    const ident = this.querySelector("#composer-id").value;
    if (this.#sent && document.getElementById(`message-${ident}`)) this.#clear(crypto.randomUUID?.() ?? "");
  }

  #explain(event) {
    const words = event.detail.xhr.status === 403 ? this.dataset.forbidden : this.dataset.failed;
    this.#say(this.#isSend(event) ? words : this.dataset.unreachable);
  }

  /** A button that was pressed may be gone. Where a keyboard on the screen would come up, the box is not focused for it. */
  #keepFocus(isLost = false) {
    if (!isLost && document.activeElement?.checkVisibility() !== false) return;
    const place = matchMedia("(pointer: fine)").matches ? this.#box : document.getElementById("transcript");
    place.focus({ preventScroll: true });
  }

  // Internal

  /** @param {any} event */
  #isSend(event) {
    return event.detail.elt === this.#form;
  }

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
