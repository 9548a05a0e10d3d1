// One house ad: greets the host, waits for its answer, writes its line, reports what happens to it. Protocol 6.3 to 6.8.

import { Host, problemsOfUpdate } from "./host.js";
import { whenViewed } from "./viewability.js";

const WORD_MS = 45;

const { bidId, code, messageId, sdk, mode, snapshot, lines } = document.body.dataset;
const card = document.querySelector(".card");
const line = card.querySelector(".line");
const call = card.querySelector(".call");
const host = new Host(code);

let started = false;
let content = "";

host.listen((data) => {
  setTheme(data.otherParams?.theme);
  if (!started) {
    started = true;
    begin(data);
  }
});
host.send("init-iframe");

function begin(update) {
  if (mode === "fails") return host.send("error-iframe");
  const problems = problemsOfUpdate(update, { code, messageId, sdk, snapshot: JSON.parse(snapshot) });
  if (problems.length > 0) {
    const message = `update-iframe: ${problems.join("; ")}`;
    console.error(`Kontext sandbox: ${message}`);
    return host.event("ad.error", { id: bidId, message, errCode: "sandbox_bad_update" });
  }
  content = chooseLine(update.messages);
  render();
}

async function render() {
  host.event("ad.render-started", { id: bidId });
  card.hidden = false;
  host.send("show-iframe");
  followHeight();
  await write(content);
  call.hidden = false;
  host.send("ad-done-iframe", { id: bidId, content, messageId });
  host.event("ad.render-completed", { id: bidId });
  whenViewed(card, () => {
    host.event("ad.viewed", { id: bidId, content, messageId, format: "inline" });
  });
}

// The line whose words the newest message holds most; the first line, which is for everybody, when it holds none.
function chooseLine(messages) {
  const words = new Set((messages.at(-1)?.content ?? "").toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
  const score = ({ when }) => when.filter((word) => words.has(word)).length;
  return JSON.parse(lines).reduce((best, next) => (score(next) > score(best) ? next : best)).text;
}

// Word by word, at reading pace; at once for those who asked for less motion, and in a tab that nobody looks at.
async function write(text) {
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  for (const word of text.match(/\S+\s*/g)) {
    const span = document.createElement("span");
    span.textContent = word;
    line.append(span);
    if (!still.matches && document.visibilityState === "visible") {
      await new Promise((resolve) => setTimeout(resolve, WORD_MS));
    }
  }
}

function followHeight() {
  let sent = 0;
  new ResizeObserver(() => {
    const height = Math.ceil(card.getBoundingClientRect().height);
    if (height > 0 && height !== sent) {
      sent = height;
      host.send("resize-iframe", { height });
    }
  }).observe(card);
}

function setTheme(theme) {
  if (typeof theme === "string") {
    document.body.dataset.theme = ["dark", "light"].find((scheme) => theme.toLowerCase().includes(scheme)) ?? "";
  }
}

function reportClick() {
  const url = call.getAttribute("href");
  host.event("ad.clicked", { id: bidId, content, messageId, url, format: "inline", area: "cta" });
  return url;
}

// The host opens the page (protocol 6.7). With a modifier or the middle button the browser does, and the click only counts.
call.addEventListener("click", (event) => {
  const url = reportClick();
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  host.send("click-iframe", { id: bidId, content, messageId, url, target: "browser" });
});
call.addEventListener("auxclick", (event) => {
  if (event.button === 1) reportClick();
});
