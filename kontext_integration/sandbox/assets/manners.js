// Frames that misbehave, each in one way, and each for a bounded time: `instead` of showing, `before` it or `after` it.

import { forge } from "./forgeries.js";

const BEAT_MS = 100;
const RESIZE_BEATS = 300;
const FLOOD_BEATS = 100;
const FLOOD_SIZE = 200;
const HIDE_AFTER_MS = 3000;

// Calls act(n) for n from 0, `beats` times.
function repeat(beats, act) {
  let beat = 0;
  const timer = setInterval(() => {
    act(beat);
    beat += 1;
    if (beat === beats) clearInterval(timer);
  }, BEAT_MS);
}

function throwUp(host, bidId) {
  window.addEventListener("error", ({ message }) => {
    host.event("ad.error", { id: bidId, message, errCode: "react_error_boundary" });
  });
  setTimeout(() => {
    throw new Error("The sandbox throws on purpose");
  });
}

function flood(host, bidId) {
  repeat(FLOOD_BEATS, (beat) => {
    for (let number = 0; number < FLOOD_SIZE; number += 1) {
      if (number % 10 === 0) host.event("ad.render-completed", { id: bidId });
      else if (number % 10 === 1) host.send(`flood-iframe-${beat}`);
      else host.send("resize-iframe", { height: 200 + (number % 2) });
    }
  });
}

const STYLES = {
  containerStyles: { position: "fixed", inset: 0, zIndex: 2147483647, padding: "4px", borderRadius: 20, backgroundColor: "#e9c46a" },
  iframeStyles: { borderRadius: "16px", boxShadow: "0 2px 12px rgb(0 0 0 / 0.25)", transform: "scale(4)" },
};

export const MANNERS = {
  fails: { instead: (host) => host.send("error-iframe") },
  throws: { instead: throwUp },
  forges: { before: forge },
  hides: { after: (host) => setTimeout(() => host.send("hide-iframe"), HIDE_AFTER_MS) },
  styles: { after: (host) => host.send("set-styles-iframe", STYLES) },
  resizes: { after: (host) => repeat(RESIZE_BEATS, (beat) => host.send("resize-iframe", { height: beat % 2 ? 320 : 160 })) },
  floods: { after: flood },
};
