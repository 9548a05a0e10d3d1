/**
 * A message that could not be sent is sent when the server can be reached again, under the same id, so it can never be there
 * twice. Changing it takes it back.
 */

/** An answer that takes longer was lost: the computer slept, the network changed. */
htmx.config.timeout = 20_000;

const AGAIN_MS = [2000, 4000, 8000, 15_000, 30_000];
/** The server, or a proxy before it, is being restarted. */
const AWAY = [502, 503, 504];
let waiting;
let attempts = 0;
let timer;

const form = () => document.getElementById("composer");
const content = () => JSON.stringify([...new FormData(form())]);

function wait() {
  waiting = content();
  form().toggleAttribute("data-waiting", true);
  clearTimeout(timer);
  timer = setTimeout(again, AGAIN_MS[Math.min(attempts++, AGAIN_MS.length - 1)]);
}

function forget() {
  clearTimeout(timer);
  waiting = undefined;
  form()?.removeAttribute("data-waiting");
}

function again() {
  if (waiting === undefined || !form()) return;
  if (content() === waiting) form().requestSubmit();
  else forget();
}

/** A suggestion that was pressed is no text in the box yet. */
function keepStarter(event) {
  const box = form().elements.namedItem("text");
  box.value ||= event.detail.requestConfig?.triggeringEvent?.submitter?.value ?? "";
}

/** @param {string} name @param {(event: any) => boolean} isAway */
function onFailure(name, isAway) {
  document.addEventListener(name, (event) => {
    if (event.detail.elt !== form() || !isAway(event)) return;
    keepStarter(event);
    document.getElementById("composer-error").textContent = form().closest("chat-composer").dataset.offline;
    wait();
  });
}

onFailure("htmx:sendError", () => true);
onFailure("htmx:timeout", () => true);
onFailure("htmx:responseError", ({ detail }) => AWAY.includes(detail.xhr.status));

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.elt !== form() || !detail.xhr.status || AWAY.includes(detail.xhr.status)) return;
  forget();
  attempts = 0;
});
document.addEventListener("input", (event) => event.target.form === form() && forget());
document.addEventListener("htmx:wsOpen", again);
addEventListener("online", again);
