/**
 * `<message-status>`: the line under a reply. It carries the reply's state, and when a new one is swapped in, the message
 * takes that state over and a screen reader is told, politely. Of a place in the line it hears once, not each time that
 * the line moves.
 */
class MessageStatus extends HTMLElement {
  // Lifecycle

  connectedCallback() {
    const message = this.closest("[data-message-id]");
    if (!message) return;
    const began = message.dataset.state !== this.dataset.state;
    const waits = this.hasAttribute("data-waits") && !message.hasAttribute("data-waits");
    message.dataset.state = this.dataset.state;
    message.toggleAttribute("data-waits", this.hasAttribute("data-waits"));
    if (began || waits) this.announce();
  }

  // Actions

  announce() {
    const words = this.querySelector("[data-announce]")?.textContent;
    const announcer = document.getElementById("announcer");
    if (words && announcer) announcer.textContent = words;
  }
}

customElements.define("message-status", MessageStatus);

// The page of a new conversation is swapped in whole, and its reply may have ended by then.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target === document.body) [...document.querySelectorAll("message-status")].at(-1)?.announce();
});
