/**
 * Tells our server about this browser (protocol 3) and what its consent platforms say (protocol 7.2): once, and again what has
 * changed. The one report never repeats the other's part.
 */
import { Consent } from "./consent.js";
import { installId } from "./install-id.js";
import { browserUrl, post } from "./server.js";

const SETTLE_MS = 100;
const CALM_MS = 60_000;
const id = installId();
const dark = matchMedia("(prefers-color-scheme: dark)");
const consent = new Consent(onChange);
const told = {};
let timer = null;
let isTelling = false;
let pause = SETTLE_MS;
let toldAt = -CALM_MS;

/** What is known now, sizes in CSS pixels; what the browser does not tell is left out. */
function facts() {
  const { width, height, orientation } = screen;
  const { type, effectiveType } = navigator.connection ?? {};
  return {
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    language: navigator.language,
    darkMode: dark.matches,
    screen: { width, height, dpr: devicePixelRatio, orientation: orientation?.type },
    connection: { type, detail: effectiveType },
    userAgent: navigator.userAgent,
    gpc: navigator.globalPrivacyControl,
  };
}

/** The parts of a report that the server does not know yet. */
function news() {
  const { signals } = consent;
  const parts = { facts: facts(), ...(signals && { consent: { consent: signals } }) };
  return Object.entries(parts).filter(([name, part]) => JSON.stringify(part) !== told[name]);
}

/** One report at a time, so that none overtakes another. One that fails goes again with the next change. */
async function tell() {
  clearTimeout(timer);
  timer = null;
  const parts = news();
  if (parts.length === 0) return;
  isTelling = true;
  toldAt = performance.now();
  pause = Math.min(2 * pause, CALM_MS);
  const isTaken = await post(browserUrl, Object.assign({ installId: id }, ...parts.map(([, part]) => part)));
  isTelling = false;
  if (!isTaken) return;
  for (const [name, part] of parts) told[name] = JSON.stringify(part);
  if (news().length > 0) schedule();
}

/** Soon after a calm time; more and more slowly the longer the changes do not end. */
function onChange() {
  if (performance.now() - toldAt > CALM_MS) pause = SETTLE_MS;
  schedule();
}

function schedule() {
  if (!isTelling) timer ??= setTimeout(tell, pause);
}

function onVisible() {
  if (document.visibilityState !== "visible") return;
  consent.look();
  onChange();
}

if (browserUrl) {
  consent.watch();
  tell();
  for (const source of [dark, screen.orientation, navigator.connection]) source?.addEventListener?.("change", onChange);
  for (const change of ["resize", "languagechange"]) addEventListener(change, onChange);
  document.addEventListener("visibilitychange", onVisible);
}
