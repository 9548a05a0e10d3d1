import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { clickAddress, modalAddress } from "../../kontext_integration/static/kontext_integration/addresses.js";

const BASE = "https://server.megabrain.co";

describe("6.7: where a click leads", () => {
  const cases = [
    ["/redirect/abc?a=1&b=2", `${BASE}/redirect/abc?a=1&b=2`],
    ["https://shop.test/x?y#z", "https://shop.test/x?y#z"],
    ["http://shop.test/", "http://shop.test/"],
    ["//cdn.test/x", "https://cdn.test/x"],
    ["/\\evil.test", `${BASE}//evil.test`],
    ["javascript:alert(1)", null],
    [" java\nscript:alert(1)", null],
    ["data:text/html,x", null],
    ["blob:https://shop.test/1", null],
    ["file:///etc/passwd", null],
    ["amazon://item", null],
    ["shop.test", null],
    ["https://", null],
    ["", null],
    [undefined, null],
  ];
  for (const [url, address] of cases) {
    test(`${JSON.stringify(url)} leads to ${address}`, () => assert.equal(clickAddress({ url }, BASE), address));
  }

  test("the base's path is kept", () => {
    assert.equal(clickAddress({ url: "/redirect/abc" }, `${BASE}/ads`), `${BASE}/ads/redirect/abc`);
  });

  test("the base's scheme is that of an address without one", () => {
    assert.equal(clickAddress({ url: "//cdn.test/x" }, "http://127.0.0.1:8001"), "http://cdn.test/x");
  });

  test("a custom scheme gives way to a fallback for the web", () => {
    assert.equal(clickAddress({ url: "amazon://item", fallbackUrl: "https://shop.test/" }, BASE), "https://shop.test/");
  });

  test("a fallback is tried once and never further", () => {
    assert.equal(clickAddress({ url: "amazon://item", fallbackUrl: "javascript:alert(1)" }, BASE), null);
  });

  test("without an address there is nothing to open, not even a fallback", () => {
    assert.equal(clickAddress({ fallbackUrl: "https://shop.test/" }, BASE), null);
  });
});

describe("6.1: where a modal is loaded from", () => {
  const SERVER = `${BASE}/api/modal/b1?code=inlineAd&messageId=a1&sdk=sdk-js`;

  test("without parameters from the address of the server", () => assert.equal(modalAddress(SERVER), SERVER));

  test("its parameters are one value of the query", () => {
    const params = JSON.stringify({ "a&b": "=+#/ü\ud800" });
    const address = modalAddress(SERVER, params);
    assert.ok(address.startsWith(`${SERVER}&componentParams=%7B%22a%26b%22%3A%22%3D%2B%23%2F%C3%BC`));
    assert.equal(new URL(address).searchParams.get("componentParams"), params);
    assert.equal(new URL(address).searchParams.get("sdk"), "sdk-js");
  });
});
