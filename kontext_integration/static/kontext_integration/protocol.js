/**
 * What an ad frame and its page say to each other (protocol 6), without DOM: data in, data out.
 * What a frame sends is hostile until read here: a field of the wrong type counts as missing, and nothing throws.
 */

const USER_EVENTS = ["user.typing.started"];
const FRAME_EVENTS = [
  "ad.render-started", "ad.render-completed", "ad.viewed", "ad.clicked", "ad.error",
  "video.started", "video.completed", "reward.granted",
];

/** Parts of other handlers: what they say is not for the ad in the page. */
const COMPONENTS = ["modal", "skoverlay"];
/** What a frame may ask for in the look of its box. Nothing among it moves the box away or lays it over the page. */
const STYLES = /^(background(Color)?|border(Color|Radius|Style|Width)?|boxShadow|colorScheme|(margin|padding)(Top|Bottom)?|maxWidth|opacity)$/;

/** Own fields only: what a prototype has is not the frame's word. */
const own = (value, key) => (Object.hasOwn(value, key) ? value[key] : undefined);
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const text = (value) => (typeof value === "string" ? value : undefined);

const plain = () => ({});

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
  const worded = asked.map(([key, given]) => [key, Number.isFinite(given) && key !== "opacity" ? `${given}px` : `${given}`]);
  return Object.fromEntries(worded.filter(([, words]) => words.length <= 200 && !/url\(|[;{}]/i.test(words)));
}

const styles = (data) => ({ container: look(own(data, "containerStyles")), iframe: look(own(data, "iframeStyles")) });

const READERS = new Map([
  ["init-iframe", plain],
  ["show-iframe", plain],
  ["hide-iframe", plain],
  ["error-iframe", plain],
  ["resize-iframe", resize],
  ["set-styles-iframe", styles],
  ["event-iframe", event],
  ["click-iframe", click],
]);

function read(raw, code) {
  const message = typeof raw === "string" ? JSON.parse(raw) : raw;
  if (!isObject(message)) return null;
  const type = own(message, "type");
  const given = own(message, "data");
  const data = isObject(given) ? given : {};
  if ((text(own(data, "code")) ?? code) !== code) return null;
  if (COMPONENTS.includes(own(data, "component"))) return null;
  const fields = READERS.get(type)?.(data);
  return fields ? { type, ...fields } : null;
}

/**
 * Reads `event.data` of the frame whose placement is `code` (protocol 6.3 to 6.5).
 * @returns {{type: string}|null} the type with its fields; null: nothing to act upon
 */
export function parseMessage(raw, code) {
  try {
    return read(raw, code);
  } catch {
    return null;
  }
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

function webAddress(value, base) {
  const path = value.startsWith("/") && !value.startsWith("//");
  const absolute = path ? base + value : value.startsWith("//") ? base.slice(0, base.indexOf("//")) + value : value;
  if (!URL.canParse(absolute)) return null;
  const { href, protocol } = new URL(absolute);
  return protocol === "https:" || protocol === "http:" ? href : null;
}

/**
 * The address that a click opens, http or https (protocol 6.7); null: none.
 * @param {{url?: string, fallbackUrl?: string}} click
 * @param {string} base the ad server's, without a slash at its end
 */
export function clickAddress({ url, fallbackUrl }, base) {
  if (url === undefined) return null;
  return webAddress(url, base) ?? webAddress(fallbackUrl ?? "", base);
}
