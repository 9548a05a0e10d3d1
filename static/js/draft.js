/**
 * What is typed and not sent yet survives a reload: kept in this browser, for each conversation, for the person who typed
 * it and nobody else. What was sent keeps its id with it, so that sending it again after a lost answer is no second message.
 */

const PREFIX = "draft ";
const KEPT_MS = 30 * 24 * 3600 * 1000;

const box = () => document.getElementById("composer-text");
const ident = () => document.getElementById("composer-id");
const reader = () => document.querySelector("[data-reader]")?.dataset.reader;
const key = () => `${PREFIX}${reader()} ${location.pathname}`;

/** The storage may be full, or forbidden; then nothing is kept, and nothing else is lost. @param {() => void} act */
function storing(act) {
  try {
    act();
  } catch (failure) {
    console.debug("Drafts are not kept:", failure.name);
  }
}

/** @param {string} name */
function read(name) {
  try {
    return JSON.parse(localStorage.getItem(name) ?? "null");
  } catch {
    return null;
  }
}

/** @param {boolean} [tried] whether it was sent, with an answer still to come */
function keep(tried = read(key())?.tried ?? false) {
  const text = box().value;
  if (!reader()) return;
  if (text) localStorage.setItem(key(), JSON.stringify({ text, tried, id: ident().value, at: Date.now() }));
  else localStorage.removeItem(key());
}

/** Drafts of others, old ones, and those that have become a message. */
function tidy() {
  for (const name of Object.keys(localStorage)) {
    if (!name.startsWith(PREFIX)) continue;
    const draft = read(name);
    const isMine = name.startsWith(`${PREFIX}${reader()} `);
    const isSent = draft?.tried && document.getElementById(`message-${draft.id}`);
    if (!isMine || isSent || !draft || Date.now() - draft.at > KEPT_MS) localStorage.removeItem(name);
  }
}

function restore() {
  if (!box() || !reader()) return;
  tidy();
  const draft = read(key());
  if (!draft || box().value) return;
  box().value = draft.text;
  if (draft.tried) ident().value = draft.id;
  box().dispatchEvent(new CustomEvent("chat:draft", { bubbles: true }));
}

document.addEventListener("input", (event) => event.target === box() && storing(() => keep()));
document.addEventListener("htmx:beforeRequest", (event) => event.target === document.getElementById("composer") && storing(() => keep(true)));
// The composer empties the box first: what is left in it was typed meanwhile.
document.addEventListener("chat:sent", () => queueMicrotask(() => storing(() => keep(false))));
document.addEventListener("htmx:wsAfterMessage", () => storing(() => read(key())?.tried && tidy()));
document.addEventListener("htmx:afterSettle", (event) => event.target === document.body && storing(restore));
storing(restore);
