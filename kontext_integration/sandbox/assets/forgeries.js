// Messages that a host must survive and not act upon: a frame that is wrong, hostile, or somebody else's (protocol 6.4, 6.5).

const FOREIGN_BID = "99999999-9999-4999-8999-999999999999";

const WRONG_CODE = [
  { type: "error-iframe", data: { code: "sandboxForeign" } },
  { type: "resize-iframe", data: { height: 4000, code: "sandboxForeign" } },
  { type: "event-iframe", data: { name: "ad.viewed", payload: { content: "c", format: "inline" }, code: "sandboxForeign" } },
];

const WRONG_TYPES = [
  null, 7, "not JSON", "{", "[]", [], { type: 5 }, { type: "no-such-iframe", data: {} }, { type: ["init-iframe"] },
  ...[null, "400", -1, 0, NaN, Infinity, {}, [400], true].map((height) => ({ type: "resize-iframe", data: { height } })),
  ...[undefined, 5, "ad.filled", "ad.no-fill", "ad.unheard-of", {}].map((name) => ({ type: "event-iframe", data: { name, payload: 1 } })),
  { type: "set-styles-iframe", data: { containerStyles: "all", iframeStyles: [1] } },
  { type: "open-component-iframe", data: { component: "skoverlay", timeout: "soon" } },
  { type: "init-component-iframe", data: { component: "modal" } },
  { type: "view-iframe", data: {} },
  { type: "retire-iframe" },
];

const FOREIGN_BIDS = [
  { type: "event-iframe", data: { name: "ad.clicked", payload: { id: FOREIGN_BID, content: "c", format: "inline", area: "cta" } } },
  { type: "view-iframe", data: { id: FOREIGN_BID, content: "c" } },
];

// Own keys, as JSON and structured clones make them.
const PROTOTYPES = [
  '{"type": "resize-iframe", "data": {"__proto__": {"height": 4000}}}',
  '{"__proto__": {"type": "error-iframe"}, "data": {}}',
  '{"type": "event-iframe", "data": {"name": "__proto__", "payload": {"constructor": {"prototype": {"polluted": 1}}}}}',
  '{"type": "set-styles-iframe", "data": {"containerStyles": {"__proto__": {"position": "fixed"}, "cssText": "position: fixed"}}}',
  ...["__proto__", "constructor", "toString", "hasOwnProperty"].map((type) => JSON.stringify({ type, data: {} })),
];

const BAD_ADDRESSES = ["javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "blob:null/1", "file:///etc/passwd", "", " ", "//"]
  .map((url) => ({ type: "click-iframe", data: { id: FOREIGN_BID, content: "c", url, fallbackUrl: url } }));

export function forge(host) {
  for (const message of [...WRONG_CODE, ...WRONG_TYPES, ...FOREIGN_BIDS, ...PROTOTYPES, ...BAD_ADDRESSES]) host.raw(message);
  // As if it were the page, to the other frames on it: an ad that believes this trusts anybody.
  for (let index = 0; index < window.parent.length; index += 1) {
    if (window.parent[index] !== window) {
      window.parent[index].postMessage({ type: "update-iframe", data: { messages: [], otherParams: { theme: "forged" } } }, "*");
    }
  }
}
