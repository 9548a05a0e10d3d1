/** Thousands of messages that no honest frame sends: none throws, and what is read of them has the known shape and no other. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { parseMessage } from "../../kontext_integration/static/kontext_integration/protocol.js";

const SEEDS = 20;
const MESSAGES = 1000;
const DEEP = 20_000;
const CODE = "inlineAd";
const TYPES = [
  "init-iframe", "show-iframe", "hide-iframe", "resize-iframe", "set-styles-iframe", "event-iframe", "click-iframe",
  "view-iframe", "ad-done-iframe", "error-iframe", "open-component-iframe", "init-component-iframe",
  "close-component-iframe", "error-component-iframe", "ad-done-component-iframe", "open-skoverlay-iframe", "retire-iframe",
];
const FIELDS = [
  "height", "name", "payload", "url", "fallbackUrl", "target", "containerStyles", "iframeStyles", "timeout",
  "componentParams", "message", "errorType", "code", "component", "__proto__", "constructor", "toString", "toJSON", "then",
];
const isText = (value) => typeof value === "string";
const isTextOrNone = (value) => value === undefined || isText(value);
const isPlain = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isLook = (value) => Object.entries(value).every(([key, words]) => /^[a-z]+$/i.test(key) && isText(words) && words.length <= 210);
const SHAPES = {
  "init-iframe": {},
  "show-iframe": {},
  "hide-iframe": {},
  "error-iframe": {},
  "init-component-iframe": {},
  "close-component-iframe": {},
  "resize-iframe": { height: (value) => value > 0 && value < Number.POSITIVE_INFINITY },
  "set-styles-iframe": { container: isLook, iframe: isLook },
  "event-iframe": { name: isText, payload: isPlain },
  "click-iframe": { url: isTextOrNone, fallbackUrl: isTextOrNone },
  "open-component-iframe": { timeout: (value) => value > 0 && value < 2 ** 31, params: isTextOrNone },
  "error-component-iframe": { message: isText, errCode: isText },
};

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function nested(wrap) {
  let value = 1;
  for (let level = 0; level < DEEP; level += 1) value = wrap(value);
  return value;
}

/** Made once: they are slow to make. */
const HEAVY = [nested((inner) => ({ inner })), nested((inner) => [inner]), "x".repeat(200_000)];

class Maker {
  #random;

  constructor(seed) {
    this.#random = randomFrom(seed);
  }

  pick(list) {
    return list[Math.floor(this.#random() * list.length)];
  }

  /** Most often something that comes far; sometimes anything. */
  message() {
    const type = this.#random() < 0.9 ? this.pick(TYPES) : this.value();
    const message = { type, data: this.#random() < 0.9 ? this.data() : this.value() };
    const kind = this.#random();
    if (kind < 0.1) return this.value();
    if (kind < 0.2) return Object.create(message);
    return kind < 0.5 ? this.json(message) : message;
  }

  data() {
    const data = {};
    for (let count = Math.floor(this.#random() * 8); count > 0; count -= 1) this.define(data, this.pick(FIELDS), this.value());
    return data;
  }

  /** An own field whatever its name: `__proto__` too, as JSON makes it. */
  define(target, key, value) {
    const field = this.#random() < 0.05 ? { get: () => { throw new Error("read"); } } : { value, writable: true };
    Object.defineProperty(target, key, { ...field, enumerable: true, configurable: true });
  }

  json(message) {
    try {
      const text = JSON.stringify(message);
      return this.#random() < 0.1 ? text.slice(0, Math.floor(this.#random() * text.length)) : text;
    } catch {
      return message;
    }
  }

  value() {
    const makers = [
      () => this.pick([undefined, null, true, false, 0, -0, 1, -1, 0.5, 1e308, Number.NaN, Number.POSITIVE_INFINITY]),
      () => this.pick(["", "modal", "skoverlay", CODE, "banner", "ad.viewed", "video.started", "ad.height", "__proto__"]),
      () => this.pick(["javascript:alert(1)", "/x", "//cdn.test", "https://shop.test/", "\ud800", "\0", "x"]),
      () => this.pick([1n, Symbol("s"), Symbol.iterator, () => 1, new Date(0), new Map([["height", 5]]), new Error("e"), /x/]),
      () => this.pick([Object.create(null), Object.create({ height: 5, name: "ad.viewed" }), new Proxy({}, { get: () => 1 })]),
      () => this.pick([{ toString: () => { throw new Error("said"); } }, { toString: 5 }, { toJSON: () => "x" }, { length: 2 ** 32 }]),
      () => [this.#random(), [this.#random()], null],
      () => ({ opacity: this.pick([0.5, "1", Symbol("s"), {}]), marginTop: this.pick([8, "1rem", "x;y", [1], "url(x)"]), top: 0 }),
      () => this.data(),
    ];
    const kind = this.#random();
    if (kind < 0.02) return this.loop();
    return kind < 0.03 ? this.pick(HEAVY) : this.pick(makers)();
  }

  loop() {
    const loop = {};
    loop.self = loop;
    return loop;
  }
}

function check(read) {
  if (read === null) return;
  const { type, ...fields } = read;
  const shape = Object.hasOwn(SHAPES, type) ? SHAPES[type] : assert.fail(`the type ${String(type)} passed`);
  assert.equal(Object.getPrototypeOf(read), Object.prototype);
  assert.deepEqual(Object.keys(fields).sort(), Object.keys(shape).sort());
  for (const [key, isRight] of Object.entries(shape)) assert.ok(isRight(fields[key]), `${type}: ${key}`);
}

for (const speaker of ["inline", "modal"]) {
  test(`whatever the ${speaker} frame says, reading it does not throw and gives a known shape`, () => {
    const before = Object.getOwnPropertyNames(Object.prototype).length;
    const seen = new Set();
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const maker = new Maker(seed);
      for (let count = 0; count < MESSAGES; count += 1) {
        const read = parseMessage(maker.message(), CODE, speaker);
        check(read);
        seen.add(read?.type);
      }
    }
    const heard = Object.keys(SHAPES).filter((type) => speaker === "inline" || !/^(show|hide|resize|set-styles)-iframe$/.test(type));
    assert.deepEqual([...seen].filter(Boolean).sort(), heard.sort());
    assert.equal(Object.getOwnPropertyNames(Object.prototype).length, before);
  });
}

for (const [name, text] of [
  ["long", `{"type":"show-iframe","more":"${"x".repeat(5_000_000)}"}`],
  ["deep", `${'{"data":'.repeat(9000)}1${"}".repeat(9000)}`],
  ["long and deep", "[".repeat(5_000_000)],
]) {
  test(`a text that is too ${name} is dropped`, () => assert.equal(parseMessage(text, CODE), null));
}
