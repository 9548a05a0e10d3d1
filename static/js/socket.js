/**
 * The socket, beyond what htmx does: each connection says where the page stands, so that the server sends exactly what is
 * missing; the chat shows whether it is connected; the first retry comes fast.
 */

const CONNECTED = "connected";
const PATIENCE_MS = 1500;
let lost;

htmx.config.wsReconnectDelay = (/** @type {number} */ retries) => Math.min(8000, 150 * 2 ** retries) * (0.5 + Math.random() / 2);

htmx.createWebSocket = (/** @type {string} */ address) => {
  const shown = document.querySelectorAll("[data-message-id]");
  const last = shown[shown.length - 1];
  const query = last ? `?${new URLSearchParams({ after: last.dataset.messageId, state: last.dataset.state })}` : "";
  return new WebSocket(address + query);
};

/** @param {boolean} isLost */
function showLost(isLost) {
  clearTimeout(lost);
  const notice = document.getElementById("connection");
  if (!notice) return;
  if (isLost) lost = setTimeout(() => (notice.hidden = false), PATIENCE_MS);
  else notice.hidden = true;
}

/**
 * Whether the place that a fragment asks for is on the page. It is not when the fragment has come already by the other way:
 * a new message comes with the answer to its POST and over the socket, and an ad may stand in its slot from the first paint.
 * @param {string} html
 */
function hasPlace(html) {
  const place = /^\s*<[^>]+ hx-swap-oob="\w+:([^"]+)"/.exec(html)?.[1];
  return !place || document.querySelector(place) !== null;
}

document.addEventListener("htmx:wsBeforeMessage", (event) => {
  if (!hasPlace(event.detail.message)) event.preventDefault();
});

document.addEventListener("htmx:beforeSwap", (event) => {
  if (!hasPlace(event.detail.serverResponse)) event.detail.shouldSwap = false;
});

document.addEventListener("htmx:wsOpen", (event) => {
  event.target.toggleAttribute(CONNECTED, true);
  showLost(false);
});

document.addEventListener("htmx:wsClose", (event) => {
  event.target.removeAttribute(CONNECTED);
  showLost(event.target.isConnected);
});
