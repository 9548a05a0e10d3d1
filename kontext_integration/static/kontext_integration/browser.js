/** Tells our server about this browser (protocol 3): when it is loaded, and again when a fact has changed. */
import { installId } from "./install-id.js";
import { browserUrl, post } from "./server.js";

const SETTLE_MS = 1000;
const dark = matchMedia("(prefers-color-scheme: dark)");
let told;
let timer;

/** What is known now, sizes in CSS pixels; what the browser does not tell is left out. */
function facts() {
  const { width, height, orientation } = screen;
  const { type, effectiveType } = navigator.connection ?? {};
  return {
    installId: installId(),
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    language: navigator.language,
    darkMode: dark.matches,
    screen: { width, height, dpr: devicePixelRatio, orientation: orientation?.type },
    connection: { type, detail: effectiveType },
    userAgent: navigator.userAgent,
    gpc: navigator.globalPrivacyControl,
  };
}

function tell() {
  const now = facts();
  const seen = JSON.stringify(now);
  if (seen !== told) post(browserUrl, now);
  told = seen;
}

function onChange() {
  clearTimeout(timer);
  timer = setTimeout(tell, SETTLE_MS);
}

if (browserUrl) {
  tell();
  for (const source of [dark, screen.orientation, navigator.connection]) source?.addEventListener?.("change", onChange);
  for (const change of ["resize", "languagechange"]) addEventListener(change, onChange);
}
