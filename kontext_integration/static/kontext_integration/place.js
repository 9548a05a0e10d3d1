/** Where an ad stands in what the person sees, and changing its height without moving what is being read. */

const MARGIN = "600px 0px";
const SMOOTH = { duration: 160, easing: "ease-out" };
const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** Calls `callback` once when `element` is near the visible part. Returns a function that stops waiting. */
export function whenNear(element, callback) {
  const observer = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      callback();
    },
    // The second margin is for messages that scroll in a box of their own.
    { rootMargin: MARGIN, scrollMargin: MARGIN },
  );
  observer.observe(element);
  return () => observer.disconnect();
}

/**
 * Makes a change that may alter the height of `slot`, and tells of it by `kontext:resize` on the slot: `{delta, above}`.
 * Above the visible part the text below must stay in place: the browser's scroll anchoring sees to that, else we do;
 * a host that does it itself calls `preventDefault()`. In sight, `ad` grows smoothly.
 */
export function resizeInPlace(slot, ad, change) {
  const seen = ad.getBoundingClientRect().height;
  for (const animation of ad.getAnimations()) animation.cancel();
  const before = slot.getBoundingClientRect();
  const scroller = scrollerOf(slot);
  const view = viewOf(scroller);
  change();
  const delta = slot.getBoundingClientRect().height - before.height;
  if (delta === 0) return;
  const above = before.top < view.top;
  const detail = { delta, above };
  const unclaimed = slot.dispatchEvent(new CustomEvent("kontext:resize", { bubbles: true, cancelable: true, detail }));
  if (above) {
    if (unclaimed && !isAnchored(scroller)) scroller.scrollTop += delta;
  } else if (before.top < view.bottom && !calm.matches && ad.isConnected) {
    ad.animate([{ height: `${seen}px` }, { height: `${ad.getBoundingClientRect().height}px` }], SMOOTH);
  }
}

// Internal

function scrollerOf(element) {
  for (let box = element.parentElement; box && box !== document.body; box = box.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(box).overflowY)) return box;
  }
  return document.scrollingElement ?? document.documentElement;
}

function viewOf(scroller) {
  if (scroller === document.scrollingElement) return { top: 0, bottom: innerHeight };
  return scroller.getBoundingClientRect();
}

function isAnchored(scroller) {
  return CSS.supports("overflow-anchor", "auto") && getComputedStyle(scroller).overflowAnchor !== "none";
}
