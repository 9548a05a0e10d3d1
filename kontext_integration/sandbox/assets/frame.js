// One house ad: greets the host, waits for its answer, shows itself, reports what happens to it. Protocol 6.3 to 6.8.

import { problemsOfUpdate } from "./checks.js";
import { watchClicks } from "./clicks.js";
import { showFilm } from "./film.js";
import { Host } from "./host.js";
import { Journal } from "./journal.js";
import { MANNERS } from "./manners.js";
import { whenViewed } from "./viewability.js";
import { chooseLine, setTheme, write } from "./writing.js";

const MODAL_TIMEOUT_MS = 4000;

const { bidId, code, messageId, sdk, mode, format, ...given } = document.body.dataset;
const lines = JSON.parse(given.lines);
const creative = document.querySelector(".creative");
const host = new Host(code, new Journal({ page: "frame", bid: bidId, code }));
const manners = MANNERS[mode] ?? {};

let started = false;
let chosen = 0;

// `format` is that of the events: the card in the text is called inline.
const ad = { host, bidId, messageId, format: format === "native" ? "inline" : format, content: () => lines[chosen].text };

// How a format fills its card; all else is the same for all of them.
const FORMATS = {
  native: async () => {
    const call = creative.querySelector(".call");
    call.hidden = true;
    await write(creative.querySelector(".line"), ad.content());
    call.hidden = false;
  },
  image: fillLine,
  banner: fillLine,
  video: () => {
    fillLine();
    showFilm(creative.querySelector("video"), ad);
  },
  interstitial: () => {
    fillLine();
    creative.querySelector(".open").addEventListener("click", openModal);
  },
};

host.listen((update) => {
  setTheme(update.otherParams?.theme);
  if (!started) {
    started = true;
    begin(update);
  }
});
host.send("init-iframe");

function begin(update) {
  if (manners.instead) return manners.instead(host, bidId);
  const problems = problemsOfUpdate(update, { code, messageId, sdk, snapshot: JSON.parse(given.snapshot) });
  if (problems.length > 0) {
    const message = `update-iframe: ${problems.join("; ")}`;
    console.error(`Kontext sandbox: ${message}`);
    return host.event("ad.error", { id: bidId, message, errCode: "sandbox_bad_update" });
  }
  chosen = chooseLine(lines, update.messages);
  manners.before?.(host, bidId);
  show();
}

async function show() {
  host.event("ad.render-started", { id: bidId });
  creative.hidden = false;
  host.send("show-iframe");
  followHeight();
  for (const link of creative.querySelectorAll("a")) watchClicks(link, ad);
  await FORMATS[format]();
  host.send("ad-done-iframe", { id: bidId, content: ad.content(), messageId });
  host.event("ad.render-completed", { id: bidId });
  if (format !== "interstitial") whenViewed(creative, reportView, creative.querySelector("video"));
  manners.after?.(host, bidId);
}

function fillLine() {
  creative.querySelector(".line").textContent = ad.content();
}

// The view of an interstitial is that of its modal.
function reportView() {
  host.event("ad.viewed", { id: bidId, content: ad.content(), messageId, format: ad.format });
}

function openModal() {
  host.send("open-component-iframe", {
    component: "modal",
    timeout: MODAL_TIMEOUT_MS,
    componentParams: { line: chosen, openedBy: "button" },
  });
}

function followHeight() {
  let sent = 0;
  new ResizeObserver(() => {
    const height = Math.ceil(creative.getBoundingClientRect().height);
    if (height > 0 && height !== sent) {
      sent = height;
      host.send("resize-iframe", { height });
    }
  }).observe(creative);
}
