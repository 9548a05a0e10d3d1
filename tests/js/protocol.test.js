import assert from "node:assert/strict";
import { describe, test } from "node:test";

import {
  parseMessage,
  updateDimensions,
  updateIframe,
  userEvent,
} from "../../kontext_integration/static/kontext_integration/protocol.js";

const parse = (raw) => parseMessage(raw, "inlineAd");

describe("6.5: what a frame may say", () => {
  for (const type of ["init-iframe", "show-iframe", "hide-iframe", "error-iframe"]) {
    test(`${type} needs no data`, () => assert.deepEqual(parse({ type }), { type }));
  }

  test("a string is read as JSON, as native bridges send it", () => {
    assert.deepEqual(parse('{"type":"resize-iframe","data":{"height":210.5}}'), { type: "resize-iframe", height: 210.5 });
  });

  test("an event comes with its payload", () => {
    const payload = { id: "b", content: "text" };
    const message = { type: "event-iframe", data: { name: "ad.viewed", payload, code: "inlineAd" } };
    assert.deepEqual(parse(message), { type: "event-iframe", name: "ad.viewed", payload });
  });

  test("one look of the wrong type costs the others nothing", () => {
    const containerStyles = { opacity: { toString: 5 }, marginTop: 8, maxWidth: true, padding: null };
    assert.deepEqual(parse({ type: "set-styles-iframe", data: { containerStyles } }).container, { marginTop: "8px" });
  });

  for (const payload of [undefined, null, 7, "text", [1]]) {
    test(`an event's payload ${JSON.stringify(payload)} counts as none`, () => {
      const message = { type: "event-iframe", data: { name: "video.started", payload } };
      assert.deepEqual(parse(message), { type: "event-iframe", name: "video.started", payload: {} });
    });
  }

  for (const name of [undefined, null, 7, "", "ad.filled", "ad.height", "ad.unheard-of", "constructor", ["ad.viewed"]]) {
    test(`an event named ${JSON.stringify(name)} is dropped`, () => {
      assert.equal(parse({ type: "event-iframe", data: { name, payload: {} } }), null);
    });
  }

  for (const height of [undefined, null, "210", 0, -1, Number.NaN, Number.POSITIVE_INFINITY, true, [210], {}]) {
    test(`a resize to ${String(height)} is dropped`, () => {
      assert.equal(parse({ type: "resize-iframe", data: { height } }), null);
    });
  }

  test("wrongly typed addresses of a click count as missing", () => {
    const message = { type: "click-iframe", data: { url: 7, fallbackUrl: {}, target: [] } };
    assert.deepEqual(parse(message), { type: "click-iframe", url: undefined, fallbackUrl: undefined });
  });
});

describe("6.4: whom a message is for", () => {
  test("another placement's message is ignored", () => {
    assert.equal(parse({ type: "show-iframe", data: { code: "banner" } }), null);
  });

  test("a code of the wrong type counts as missing", () => {
    assert.deepEqual(parse({ type: "show-iframe", data: { code: 7 } }), { type: "show-iframe" });
  });

  test("a code beside the data says nothing", () => {
    assert.deepEqual(parse({ type: "show-iframe", code: "banner" }), { type: "show-iframe" });
  });
});

describe("6.3: what is dropped", () => {
  const types = [
    "view-iframe", "ad-done-iframe", "retire-iframe", "ad-done-component-iframe", "open-skoverlay-iframe",
    "close-skoverlay-iframe", "update-skoverlay-iframe", "unheard-of-iframe", "show", "", "__proto__", "constructor", "toString", 7, null, {}, [],
  ];
  for (const type of types) {
    test(`the type ${JSON.stringify(type)}`, () => assert.equal(parse({ type, data: {} }), null));
  }

  for (const raw of [undefined, null, 7, true, "", "{", "null", "[]", '"show-iframe"', [], Symbol.iterator, () => {}]) {
    test(`an envelope like ${String(raw)}`, () => assert.equal(parse(raw), null));
  }

  for (const data of [null, 7, "text", [{ height: 5 }]]) {
    test(`data like ${JSON.stringify(data)} of a message that needs some`, () => {
      assert.equal(parse({ type: "resize-iframe", data }), null);
    });
  }
});

describe("prototype tricks", () => {
  test("inherited fields are not the frame's word", () => {
    assert.equal(parse(Object.create({ type: "show-iframe" })), null);
    assert.equal(parse({ type: "resize-iframe", data: Object.create({ height: 5 }) }), null);
  });

  test("a __proto__ key of a JSON text changes nothing and nobody", () => {
    assert.equal(parse('{"__proto__":{"type":"show-iframe"}}'), null);
    assert.equal(parse('{"type":"resize-iframe","data":{"__proto__":{"height":5}}}'), null);
    assert.equal({}.height, undefined);
  });

  test("a field that throws when it is read is dropped", () => {
    const message = { type: "resize-iframe", data: {} };
    Object.defineProperty(message.data, "height", { get: () => assert.fail("read"), enumerable: true });
    assert.equal(parse(message), null);
  });
});

describe("6.8: what the page says", () => {
  test("update-iframe has exactly the fields of the protocol", () => {
    const messages = [{ id: "u1", role: "user", content: "Hi", createdAt: "2026-01-15T10:29:50.000Z" }];
    assert.deepEqual(updateIframe({ messages, sdk: "sdk-js", messageId: "a1", code: "inlineAd", theme: "dark" }), {
      type: "update-iframe",
      data: { messages, sdk: "sdk-js", messageId: "a1", otherParams: { theme: "dark" }, code: "inlineAd" },
    });
  });

  test("without a theme there are no other parameters", () => {
    const { data } = updateIframe({ messages: [], sdk: "sdk-js", messageId: "a1", code: "inlineAd" });
    assert.deepEqual(data.otherParams, {});
  });

  test("a beat has exactly nine numbers", () => {
    const viewport = { width: 1280, height: 720, keyboardHeight: 0 };
    const container = { width: 640, height: 210, x: 320, y: 455, top: 455 };
    assert.deepEqual(updateDimensions(viewport, { width: 1440, height: 900, availWidth: 1 }, container), {
      type: "update-dimensions-iframe",
      data: {
        windowWidth: 1280, windowHeight: 720, screenWidth: 1440, screenHeight: 900,
        containerWidth: 640, containerHeight: 210, containerX: 320, containerY: 455, keyboardHeight: 0,
      },
    });
  });

  test("a user event is for one placement, the inline ad by default", () => {
    assert.deepEqual(userEvent("user.typing.started"), {
      type: "user-event-iframe",
      data: { name: "user.typing.started", code: "inlineAd" },
    });
  });

  test("a user event takes a payload and a placement", () => {
    assert.deepEqual(userEvent("user.typing.started", { a: 1 }, "banner").data, {
      name: "user.typing.started",
      payload: { a: 1 },
      code: "banner",
    });
  });

  for (const name of ["user.unheard-of", undefined, "constructor"]) {
    test(`the user event ${name} is refused`, () => assert.equal(userEvent(name), null));
  }
});

describe("6.5: the look that a frame asks for", () => {
  const ask = (containerStyles, iframeStyles) =>
    parse({ type: "set-styles-iframe", data: { containerStyles, iframeStyles, code: "inlineAd" } });

  test("both sets are read, a number is a length, and what is not given is empty", () => {
    assert.deepEqual(ask({ marginTop: 8, borderRadius: "1rem", opacity: 0.9 }), {
      type: "set-styles-iframe",
      container: { marginTop: "8px", borderRadius: "1rem", opacity: "0.9" },
      iframe: {},
    });
  });

  for (const style of [
    { position: "fixed" }, { zIndex: 9 }, { transform: "scale(9)" }, { display: "none" }, { height: 9 }, { cssText: "top:0" },
    { background: "url(https://elsewhere.test/pixel)" }, { background: "red; position: fixed" }, { border: "x".repeat(201) },
    { constructor: "x" }, "position: fixed", ["position"], null, 7,
  ]) {
    test(`${JSON.stringify(style)?.slice(0, 60)} is left out`, () => {
      assert.deepEqual(ask(style, style), { type: "set-styles-iframe", container: {}, iframe: {} });
    });
  }
});

describe("6.4: what is meant for another component", () => {
  for (const component of ["modal", "skoverlay", "unheard-of", ""]) {
    test(`of ${JSON.stringify(component)} is ignored`, () => {
      assert.equal(parse({ type: "resize-iframe", data: { height: 9, component } }), null);
    });
  }

  test("a component of the wrong type counts as missing", () => {
    assert.deepEqual(parse({ type: "resize-iframe", data: { height: 9, component: 7 } }), { type: "resize-iframe", height: 9 });
  });
});
