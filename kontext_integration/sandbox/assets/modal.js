// The full-screen part of an interstitial: says that it is ready, shows itself, asks to be closed. Protocol 6.6.

import { problemsOfUpdate } from "./checks.js";
import { watchClicks } from "./clicks.js";
import { Host } from "./host.js";
import { Journal } from "./journal.js";
import { whenViewed } from "./viewability.js";
import { setTheme } from "./writing.js";

const MODAL = { component: "modal" };

const { bidId, code, messageId, sdk, mode, ...given } = document.body.dataset;
const content = JSON.parse(given.lines)[given.line].text;
const stage = document.querySelector(".stage");
const close = document.querySelector(".close");
const host = new Host(code, new Journal({ page: "modal", bid: bidId, code }));

if (mode === "fails") {
  const errorType = given.errorType || undefined;
  host.send("error-component-iframe", { ...MODAL, message: "The sandbox fails on purpose", errorType });
} else {
  show();
}

function show() {
  stage.querySelector(".line").textContent = content;
  watchClicks(stage.querySelector(".call"), { host, bidId, messageId, format: "interstitial", content: () => content });
  host.listen(check);
  host.send("init-component-iframe", MODAL);
  host.send("init-iframe"); // answered with the same update-iframe as the frame in the page
  host.send("ad-done-component-iframe", { ...MODAL, id: bidId, content, messageId });
  whenViewed(stage, () => host.event("ad.viewed", { id: bidId, content, messageId, format: "interstitial" }));
  if (mode !== "hangs") offerClosing();
}

function offerClosing() {
  const ask = () => host.send("close-component-iframe", MODAL);
  close.addEventListener("click", ask);
  document.addEventListener("keydown", (event) => event.key === "Escape" && ask());
  // The page moves the focus to the frame; inside, this is where a person begins.
  window.addEventListener("focus", () => document.activeElement === document.body && close.focus());
}

function check(update) {
  setTheme(update.otherParams?.theme);
  const problems = problemsOfUpdate(update, { code, messageId, sdk, snapshot: JSON.parse(given.snapshot) });
  if (problems.length > 0) console.error(`Kontext sandbox: update-iframe to the modal: ${problems.join("; ")}`);
}
