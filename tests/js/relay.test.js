import assert from "node:assert/strict";
import { test } from "node:test";

import { relayed } from "../../kontext_integration/static/kontext_integration/relay-post.js";

const ORIGIN = "https://ads.test";
const REQUEST = { url: `${ORIGIN}/preload`, headers: { "Content-Type": "application/json" }, body: '{"a":1}', timeout_ms: 5000 };
const LIMIT = 64 * 1024;

/** An ad server that gives this answer, and what it was asked. */
function answering(body, init) {
  const asked = [];
  const send = async (url, options) => {
    asked.push({ url, ...options });
    return new Response(body, init);
  };
  return { asked, send };
}

const failing = (error) => async () => { throw error; };
const bytesOf = async ({ body }) => new Uint8Array(await body.arrayBuffer());
/** A body that yields one chunk for ever, and whether somebody stopped it. */
function endless(chunk) {
  const state = { isStopped: false };
  const stream = new ReadableStream({ pull: (flow) => flow.enqueue(chunk), cancel: () => { state.isStopped = true; } });
  return { state, stream };
}

test("what our server built is posted as it is, without cookies, with no more of our address than the origin", async () => {
  const { asked, send } = answering("{}");
  await relayed(REQUEST, ORIGIN, send);
  const [{ signal, ...request }] = asked;
  assert.deepEqual(request, {
    url: "https://ads.test/preload", method: "POST", headers: REQUEST.headers, body: '{"a":1}',
    credentials: "omit", referrerPolicy: "strict-origin", cache: "no-store", redirect: "follow",
  });
  assert.ok(signal instanceof AbortSignal);
});

for (const status of [200, 201, 299]) {
  test(`of the answer ${status} the bytes are handed back as they came`, async () => {
    const bytes = new Uint8Array([0xef, 0xbb, 0xbf, 0x7b, 0xff, 0x00, 0x7d]);
    const outcome = await relayed(REQUEST, ORIGIN, answering(bytes, { status }).send);
    assert.equal(outcome.status, status);
    assert.deepEqual(await bytesOf(outcome), bytes);
  });
}

for (const status of [204, 205, 304]) {
  test(`the answer ${status} has no body`, async () => {
    const outcome = await relayed(REQUEST, ORIGIN, answering(null, { status }).send);
    assert.equal(outcome.status, status);
    assert.equal(outcome.body.size, 0);
  });
}

for (const status of [302, 400, 403, 429, 500]) {
  test(`of the answer ${status} only the status is handed back`, async () => {
    const { state, stream } = endless(new Uint8Array(10));
    const outcome = await relayed(REQUEST, ORIGIN, answering(stream, { status }).send);
    assert.equal(outcome.status, status);
    assert.equal(outcome.body.size, 0);
    assert.ok(state.isStopped);
  });
}

for (const size of [1000, LIMIT, 3 * LIMIT]) {
  test(`an answer without end, in chunks of ${size}, is cut and stopped`, async () => {
    const { state, stream } = endless(new Uint8Array(size));
    const outcome = await relayed(REQUEST, ORIGIN, answering(stream).send);
    assert.equal(outcome.body.size, LIMIT);
    assert.ok(state.isStopped);
  });
}

test("an answer that just fits is whole", async () => {
  const outcome = await relayed(REQUEST, ORIGIN, answering(new Uint8Array(LIMIT).fill(7)).send);
  assert.equal(outcome.body.size, LIMIT);
});

const ELSEWHERE = [
  "https://evil.test/preload", "http://ads.test/preload", "https://ads.test:444/preload", "https://ads.test.evil.test/",
  "https://ads.test@evil.test/", "//ads.test/preload", "/preload", "javascript:alert(1)", "data:,x", "blob:https://ads.test/x",
  "", null, undefined, 7, {},
];
for (const url of ELSEWHERE) {
  test(`nothing is posted to ${JSON.stringify(url)}`, async () => {
    const { asked, send } = answering("{}");
    assert.deepEqual(await relayed({ ...REQUEST, url }, ORIGIN, send), { failure: "network" });
    assert.equal(asked.length, 0);
  });
}

test("without the origin of an ad server nothing is posted", async () => {
  for (const origin of [undefined, "", "null"]) {
    const { asked, send } = answering("{}");
    assert.deepEqual(await relayed({ ...REQUEST, url: "data:,x" }, origin, send), { failure: "network" });
    assert.equal(asked.length, 0);
  }
});

test("a network error is told", async () => {
  assert.deepEqual(await relayed(REQUEST, ORIGIN, failing(new TypeError("Failed to fetch"))), { failure: "network" });
});

test("an answer that breaks off is a network error", async () => {
  const stream = new ReadableStream({ pull: (flow) => flow.error(new TypeError("network error")) });
  assert.deepEqual(await relayed(REQUEST, ORIGIN, answering(stream).send), { failure: "network" });
});

test("an attempt that takes too long is told", async () => {
  const silent = (url, { signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  assert.deepEqual(await relayed({ ...REQUEST, timeout_ms: 5 }, ORIGIN, silent), { failure: "timeout" });
});

for (const broken of [{ timeout_ms: -1 }, { timeout_ms: "soon" }]) {
  test(`a request with ${JSON.stringify(broken)} fails without a throw`, async () => {
    const { send } = answering("{}");
    const outcome = await relayed({ ...REQUEST, ...broken }, ORIGIN, send);
    assert.ok("failure" in outcome || outcome.status === 200);
  });
}
