/**
 * The connection, beyond what htmx does: each one says where the page stands, so that the server sends exactly what is
 * missing; the chat shows whether it is connected; the first retry comes fast; where sockets are blocked, plain requests
 * do their work until sockets work again.
 */

import { Socket } from "./line.js";
import { Tail } from "./tail.js";

const CONNECTED = "connected";
const PATIENCE_MS = 1500;
/** While plain requests do the work, a socket is tried after so long, then after twice as long, and so on. */
const FIRST_PROBE_MS = 5000;
const LAST_PROBE_MS = 120_000;
const RECONNECT = 1012;
/** Closed by this page, or by the server for good: that says nothing about the network. */
const MEANT = [1000, 4404];
/** So many sockets in a row that brought nothing mean that they are blocked. One that stayed silent is proof enough. */
const PROOF = 2;
let lost;
let failures = 0;
let blocked = false;

htmx.config.wsReconnectDelay = (/** @type {number} */ retries) => Math.min(8000, 150 * 2 ** retries) * (0.5 + Math.random() / 2);

htmx.createWebSocket = (/** @type {string} */ address) => {
  const line = blocked ? tail(address) : new Socket(address + standing());
  line.addEventListener("close", ({ code }) => MEANT.includes(code) || judge(line));
  return line;
};

/** Sockets that bring nothing are blocked, or nothing can be reached at all: the other way will tell.
 * @param {Socket | Tail} line that was lost */
function judge(line) {
  if (line instanceof Socket) {
    failures = line.worked ? 0 : failures + (line.gaveUp ? PROOF : 1);
    blocked = failures >= PROOF;
  } else {
    failures = 0;
    blocked &&= line.worked;
  }
}

/** @param {string} address of the socket that is tried again meanwhile */
function tail(address) {
  const line = new Tail(document.querySelector("[data-tail]").dataset.tail + standing());
  let timer;
  const probeAfter = (/** @type {number} */ wait) => (timer = setTimeout(() => probe(wait), wait));
  function probe(/** @type {number} */ wait) {
    const socket = new Socket(address);
    socket.addEventListener("close", () => {
      if (line.readyState === WebSocket.CLOSED) return;
      if (!socket.worked) return probeAfter(Math.min(2 * wait, LAST_PROBE_MS));
      blocked = false;
      line.close(RECONNECT);
    });
    socket.addEventListener("beat", () => socket.close(), { once: true });
  }
  line.addEventListener("close", () => clearTimeout(timer));
  probeAfter(FIRST_PROBE_MS);
  return line;
}

/** Where the page stands, as a query. */
function standing() {
  const last = [...document.querySelectorAll("[data-message-id]")].at(-1);
  return last ? `?${new URLSearchParams({ after: last.dataset.messageId, state: last.dataset.state })}` : "";
}

/** @param {"" | "lost" | "blocked"} what */
function say(what) {
  clearTimeout(lost);
  const notice = document.getElementById("connection");
  if (!notice) return;
  notice.dataset.lost ??= notice.textContent;
  const show = () => {
    notice.textContent = what === "blocked" ? document.querySelector("[data-tail]")?.dataset.blocked : notice.dataset.lost;
    notice.hidden = !what;
  };
  if (what === "lost") lost = setTimeout(show, PATIENCE_MS);
  else show();
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
  event.target.dataset.by = blocked ? "requests" : "socket";
  say(blocked ? "blocked" : "");
});

document.addEventListener("htmx:wsClose", (event) => {
  event.target.removeAttribute(CONNECTED);
  say(event.target.isConnected ? "lost" : "");
});
