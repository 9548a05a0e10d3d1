// The live log of the start page: what happens is added on top, as it happens; by kind, and not while it is held.

const MOST = 500;

const section = document.querySelector(".log");
const rows = section.querySelector("tbody");
const template = section.querySelector("template");
const hold = section.querySelector(".hold");
const kinds = section.querySelector(".kinds");
const waiting = [];

listen();

// Lifecycle

function listen() {
  section.classList.add("live");
  hold.hidden = kinds.hidden = false;
  hold.addEventListener("click", toggleHold);
  kinds.addEventListener("change", filter);
  filter();
  new EventSource(section.dataset.stream).addEventListener("message", ({ data }) => take(JSON.parse(data)));
}

// Actions

function take(entry) {
  if (!isHeld()) return add(entry);
  waiting.push(entry);
  if (waiting.length > MOST) waiting.shift();
  hold.querySelector(".held").textContent = `(${waiting.length})`;
}

function toggleHold() {
  hold.setAttribute("aria-pressed", String(!isHeld()));
  hold.querySelector(".held").textContent = "";
  if (!isHeld()) waiting.splice(0).forEach(add);
}

function filter() {
  for (const row of rows.children) row.hidden = !isWanted(row.dataset.kind);
}

// Internal

function isHeld() {
  return hold.getAttribute("aria-pressed") === "true";
}

function isWanted(kind) {
  return kinds.querySelector(`input[value="${CSS.escape(kind)}"]`)?.checked ?? true;
}

function add(entry) {
  const row = template.content.firstElementChild.cloneNode(true);
  row.dataset.kind = entry.kind;
  row.hidden = !isWanted(entry.kind);
  row.classList.toggle("refused", entry.refused);
  for (const cell of row.querySelectorAll("[data-field]")) cell.textContent = entry[cell.dataset.field] ?? "";
  row.querySelector("time").dateTime = entry.at;
  rows.prepend(row);
  while (rows.children.length > MOST) rows.lastElementChild.remove();
}
