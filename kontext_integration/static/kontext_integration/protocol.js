/**
 * What an ad frame and its page say to each other (protocol 6), without DOM: data in, data out.
 * What a frame sends is hostile until read here: a field of the wrong type counts as missing, and nothing throws.
 */

const USER_EVENTS = ["user.typing.started"];
const FRAME_EVENTS = [
  "ad.render-started", "ad.render-completed", "ad.viewed", "ad.clicked", "ad.error",
  "video.started", "video.completed", "reward.granted",
];

const MODAL_TIMEOUT_MS = 5000;
/** What setTimeout can hold; a longer time would end at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;
/** Characters of a message that is JSON, and of what a modal is told; no ad needs a tenth of it. */
const LONGEST_JSON = 100_000;
/** What a frame may ask for in the look of its box. Nothing among it moves the box away or lays it over the page. */
const STYLES = /^(background(Color)?|border(Color|Radius|Style|Width)?|boxShadow|colorScheme|(margin|padding)(Top|Bottom)?|maxWidth|opacity)$/;

/** Own fields only: what a prototype has is not the frame's word. */
const own = (value, key) => (Object.hasOwn(value, key) ? value[key] : undefined);
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const text = (value) => (typeof value === "string" ? value : undefined);

const plain = () => ({});

function attempt(work) {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function resize(data) {
  const height = own(data, "height");
  return Number.isFinite(height) && height > 0 ? { height } : null;
}

function event(data) {
  const name = own(data, "name");
  const payload = own(data, "payload");
  return FRAME_EVENTS.includes(name) ? { name, payload: isObject(payload) ? payload : {} } : null;
}

const click = (data) => ({ url: text(own(data, "url")), fallbackUrl: text(own(data, "fallbackUrl")) });

/** Camel-case keys as React has them: a number is a length in pixels, except where CSS wants a bare one. */
function look(value) {
  const asked = isObject(value) ? Object.entries(value).filter(([key]) => STYLES.test(key)) : [];
  const worded = asked.map(([key, given]) => [key, Number.isFinite(given) ? `${given}${key === "opacity" ? "" : "px"}` : given]);
  return Object.fromEntries(worded.filter(([, words]) => text(words)?.length <= 200 && !/url\(|[;{}]/i.test(words)));
}

const styles = (data) => ({ container: look(own(data, "containerStyles")), iframe: look(own(data, "iframeStyles")) });

/** `params`: the object as JSON; one that JSON cannot hold, or that is far too long, counts as missing. */
function open(data) {
  const timeout = own(data, "timeout");
  const given = own(data, "componentParams");
  const params = isObject(given) ? attempt(() => JSON.stringify(given)) : undefined;
  return {
    timeout: typeof timeout === "number" && timeout > 0 ? Math.min(timeout, LONGEST_TIMEOUT_MS) : MODAL_TIMEOUT_MS,
    params: params?.length <= LONGEST_JSON ? params : undefined,
  };
}

const failure = (data) => ({
  message: text(own(data, "message")) ?? "Modal component error",
  errCode: text(own(data, "errorType")) ?? "modal_component_error",
});

/** What both frames of an ad may say; what only the one in the page may; what either may say of the modal. */
const COMMON = [["init-iframe", plain], ["error-iframe", plain], ["event-iframe", event], ["click-iframe", click]];
const INLINE = [["show-iframe", plain], ["hide-iframe", plain], ["resize-iframe", resize], ["set-styles-iframe", styles]];
const OF_MODAL = new Map([
  ["open-component-iframe", open],
  ["init-component-iframe", plain],
  ["close-component-iframe", plain],
  ["error-component-iframe", failure],
]);
const READERS = { inline: new Map([...COMMON, ...INLINE]), modal: new Map(COMMON) };

function read(raw, code, speaker) {
  const message = typeof raw === "string" && raw.length <= LONGEST_JSON ? JSON.parse(raw) : raw;
  if (!isObject(message)) return null;
  const type = own(message, "type");
  const given = own(message, "data");
  const data = isObject(given) ? given : {};
  if ((text(own(data, "code")) ?? code) !== code) return null;
  const handler = OF_MODAL.has(type) ? "modal" : speaker;
  if ((text(own(data, "component")) ?? handler) !== handler) return null;
  const fields = (OF_MODAL.get(type) ?? READERS[speaker].get(type))?.(data);
  return fields ? { type, ...fields } : null;
}

/**
 * Reads `event.data` of a frame of the ad whose placement is `code` (protocol 6.3 to 6.6).
 * @param {"inline"|"modal"} speaker which frame of the ad it came from
 * @returns {{type: string}|null} the type with its fields; null: nothing to act upon
 */
export function parseMessage(raw, code, speaker = "inline") {
  return attempt(() => read(raw, code, speaker)) ?? null;
}

/** The answer to `init-iframe` (protocol 6.8). */
export function updateIframe({ messages, sdk, messageId, code, theme }) {
  return {
    type: "update-iframe",
    data: { messages, sdk, messageId, otherParams: theme ? { theme } : {}, code },
  };
}

/** One beat of the heartbeat (protocol 6.8): viewport, screen and container box in CSS pixels. */
export function updateDimensions(viewport, screen, container) {
  return {
    type: "update-dimensions-iframe",
    data: {
      windowWidth: viewport.width,
      windowHeight: viewport.height,
      screenWidth: screen.width,
      screenHeight: screen.height,
      containerWidth: container.width,
      containerHeight: container.height,
      containerX: container.x,
      containerY: container.y,
      keyboardHeight: viewport.keyboardHeight,
    },
  };
}

/** What the person does, for the ads of one placement (protocol 6.8); null: no name that the protocol knows. */
export function userEvent(name, payload, code = "inlineAd") {
  if (!USER_EVENTS.includes(name)) return null;
  const data = isObject(payload) ? { name, payload, code } : { name, code };
  return { type: "user-event-iframe", data };
}
