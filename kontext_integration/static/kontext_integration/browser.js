/** Tells our server about this browser (protocol 3): when it is loaded, and again when a fact has changed. */
import { installId } from "./install-id.js";
import { browserUrl, post } from "./server.js";

const SETTLE_MS = 1000;
const dark = window.matchMedia("(prefers-color-scheme: dark)");
let told;
let timer;

/** What is known now; what the browser does not tell is left out. Sizes in CSS pixels. */
function facts() {
  const { width, height, orientation } = window.screen;
  const { type, effectiveType } = navigator.connection ?? {};
  return {
    installId: installId(),
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    language: navigator.language,
    darkMode: dark.matches,
    screen: { width, height, dpr: window.devicePixelRatio, orientation: orientation?.type },
    connection: { type, detail: effectiveType },
    userAgent: navigator.userAgent,
    gpc: navigator.globalPrivacyControl,
  };
}

function tell() {
  const now = facts();
  const seen = JSON.stringify(now);
  if (seen === told) return;
  told = seen;
  post(browserUrl, now);
}

function onChange() {
  clearTimeout(timer);
  timer = setTimeout(tell, SETTLE_MS);
}

function start() {
  tell();
  dark.addEventListener("change", onChange);
  window.addEventListener("resize", onChange);
  window.addEventListener("languagechange", onChange);
  window.screen.orientation?.addEventListener("change", onChange);
  navigator.connection?.addEventListener?.("change", onChange);
}

if (browserUrl) start();
