/**
 * `<chat-transcript>`: the one owner of the scroll. A reader at the end is kept at the end; a reader anywhere else is left
 * alone: what arrives or grows moves nothing that is being read.
 */

const NEAR_PX = 48;

class ChatTranscript extends HTMLElement {
  #abort = new AbortController();
  #observer = new ResizeObserver(() => this.#settle());
  #following = true;
  #top = 0;

  // Lifecycle

  connectedCallback() {
    this.#abort = new AbortController();
    const options = { signal: this.#abort.signal, passive: true };
    addEventListener("scroll", () => this.#notice(), options);
    addEventListener("resize", () => this.#settle(), options);
    document.addEventListener("chat:follow", () => this.#follow(), options);
    document.addEventListener("click", (event) => event.target.closest?.("#jump") && this.#jump(), options);
    this.#observer.observe(this);
    this.#follow();
  }

  disconnectedCallback() {
    this.#abort.abort();
    this.#observer.disconnect();
  }

  // Actions

  #follow() {
    this.#following = true;
    this.#settle();
  }

  #jump() {
    this.#follow();
    this.focus({ preventScroll: true });
  }

  /** Only a reader moves the page up (at the very end it may be the page that became shorter); coming near the end from
   * above means to follow again. */
  #notice() {
    const moved = scrollY - this.#top;
    this.#top = scrollY;
    if (this.#distance() <= 1 || (moved > 0 && this.#distance() <= NEAR_PX)) this.#following = true;
    else if (moved < 0) this.#following = false;
    this.#offerJump();
  }

  #settle() {
    if (this.#following && this.#distance() > 0) scrollTo({ top: document.documentElement.scrollHeight, behavior: "instant" });
    this.#top = scrollY;
    this.#offerJump();
  }

  // Internal

  #offerJump() {
    const jump = document.getElementById("jump");
    if (jump) jump.hidden = this.#following || this.#distance() <= NEAR_PX;
  }

  #distance() {
    return document.documentElement.scrollHeight - innerHeight - scrollY;
  }
}

customElements.define("chat-transcript", ChatTranscript);
