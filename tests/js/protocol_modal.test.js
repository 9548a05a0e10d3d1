import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { parseMessage } from "../../kontext_integration/static/kontext_integration/protocol.js";

const parse = (raw, speaker) => parseMessage(raw, "inlineAd", speaker);

describe("6.6: what is said of the modal", () => {
  const asked = (data) => parse({ type: "open-component-iframe", data });
  const LONGEST = 2 ** 31 - 1;

  for (const speaker of ["inline", "modal"]) {
    for (const type of ["init-component-iframe", "close-component-iframe"]) {
      test(`the ${speaker} frame may say ${type}`, () => {
        assert.deepEqual(parse({ type, data: { component: "modal" } }, speaker), { type });
        assert.deepEqual(parse({ type }, speaker), { type });
      });
    }
  }

  for (const component of ["skoverlay", "Modal", ""]) {
    test(`the opening of ${JSON.stringify(component)} is ignored`, () => assert.equal(asked({ component, timeout: 1 }), null));
  }

  test("a component of the wrong type counts as missing", () => assert.equal(asked({ component: 7 }).timeout, 5000));

  for (const [given, timeout] of [
    [1, 1], [0.5, 0.5], [9000, 9000], [0, 5000], [-1, 5000], [Number.NaN, 5000], ["9000", 5000], [true, 5000], [null, 5000],
    [undefined, 5000], [[9], 5000], [Number.POSITIVE_INFINITY, LONGEST], [1e300, LONGEST],
  ]) {
    test(`a timeout of ${String(given)} is ${timeout} ms`, () => assert.equal(asked({ timeout: given }).timeout, timeout));
  }

  test("without data it has the time of the protocol and nothing to tell", () => {
    assert.deepEqual(asked(undefined), { type: "open-component-iframe", timeout: 5000, params: undefined });
  });

  test("an object of parameters becomes JSON, an empty one too", () => {
    assert.equal(asked({ componentParams: { page: 2, note: "a&b=ü" } }).params, '{"page":2,"note":"a&b=ü"}');
    assert.equal(asked({ componentParams: {} }).params, "{}");
  });

  const loop = {};
  loop.self = loop;
  for (const [name, componentParams] of Object.entries({
    text: "x", list: [1], number: 7, nothing: null, loop, bigint: { big: 1n }, huge: { text: "x".repeat(100_000) },
  })) {
    test(`parameters that are ${name} count as missing`, () => assert.equal(asked({ componentParams }).params, undefined));
  }

  test("an error has the words of the frame, else those of the protocol", () => {
    const failed = (data) => parse({ type: "error-component-iframe", data });
    const type = "error-component-iframe";
    assert.deepEqual(failed({ message: "No", errorType: "late" }), { type, message: "No", errCode: "late" });
    const unworded = { type, message: "Modal component error", errCode: "modal_component_error" };
    assert.deepEqual(failed({ message: 7, errorType: {} }), unworded);
    assert.deepEqual(failed(undefined), unworded);
  });
});

describe("6.6: what the modal's frame may say", () => {
  const says = (type, data) => parse({ type, data }, "modal");

  for (const data of [{}, { component: "modal" }]) {
    test(`as the inline one with ${JSON.stringify(data)}`, () => {
      assert.deepEqual(says("init-iframe", data), { type: "init-iframe" });
      assert.deepEqual(says("error-iframe", data), { type: "error-iframe" });
      assert.equal(says("event-iframe", { ...data, name: "ad.viewed" }).name, "ad.viewed");
      assert.equal(says("click-iframe", { ...data, url: "/x" }).url, "/x");
    });
  }

  for (const [type, data] of [
    ["resize-iframe", { height: 9 }], ["show-iframe", {}], ["hide-iframe", {}], ["set-styles-iframe", { containerStyles: {} }],
  ]) {
    test(`${type} of it is ignored`, () => {
      assert.equal(says(type, data), null);
      assert.equal(says(type, { ...data, component: "modal" }), null);
    });
  }

  test("what is meant for another placement or component is ignored", () => {
    assert.equal(says("init-iframe", { code: "banner" }), null);
    assert.equal(says("close-component-iframe", { code: "banner" }), null);
    assert.equal(says("init-iframe", { component: "skoverlay" }), null);
  });
});
