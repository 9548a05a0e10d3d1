/**
 * Whom the person turns to. Browsers let an ad take the focus, and with it what is being typed into the page; and while one
 * types, whatever a frame asks for counts as the person's wish. So where somebody types, the focus enters a frame only by a
 * mouse or a finger that has come to it, or by Tab; else it goes back to where it was.
 */

const TAB = "Tab";
/** How long browsers at most take a key or a click for a wish. */
const GESTURE_MS = 5000;
const TOGETHER_MS = 100;
const EDITABLE = "input, textarea, [contenteditable]";
/** Since the last key: the element that the pointer has come to, or TAB. */
let invited = null;
let typed = -GESTURE_MS;
let left = null;
let listening = null;

/** `frameOf(iframe)`: what is told by `tookFocus()` that it took the focus unasked; undefined for an iframe of others. */
export function guardFocus(frameOf) {
  listening = new AbortController();
  const options = { capture: true, signal: listening.signal };
  addEventListener("keydown", ({ key, timeStamp }) => onType(timeStamp, key === TAB ? TAB : null), options);
  addEventListener("pointerdown", ({ target, timeStamp }) => target.closest?.(EDITABLE) && onType(timeStamp, null), options);
  // Of a finger browsers tell no other one.
  addEventListener("mouseover", ({ target }) => (invited = target), options);
  addEventListener("focusout", ({ target, timeStamp }) => (left = { target, timeStamp }), options);
  addEventListener("blur", (event) => event.target === window && onBlur(event, frameOf), options);
}

export function leaveFocus() {
  listening.abort();
  left = null;
}

/** Whether the person may have meant this iframe by the last gesture. */
export function isMeant(iframe) {
  const isActive = navigator.userActivation?.isActive ?? true;
  return isActive && (invited === iframe || document.activeElement === iframe || !isTyping(performance.now()));
}

// Internal

const isTyping = (now) => now - typed < GESTURE_MS;

function onType(now, by) {
  typed = now;
  invited = by;
}

/** The page loses the focus: to another window, or to a frame of its own. */
function onBlur({ timeStamp }, frameOf) {
  const had = left && timeStamp - left.timeStamp < TOGETHER_MS ? left.target : null;
  const isGesture = !isTyping(timeStamp) && navigator.userActivation?.isActive;
  const by = invited;
  if (by === TAB) invited = null;
  // Only now it is known who has it.
  setTimeout(() => {
    const iframe = document.activeElement;
    const frame = isGesture || by === TAB || by === iframe ? undefined : frameOf(iframe);
    if (!frame) return;
    if (had?.isConnected) had.focus({ preventScroll: true });
    else iframe.blur();
    frame.tookFocus();
  });
}
