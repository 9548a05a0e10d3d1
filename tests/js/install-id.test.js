import assert from "node:assert/strict";
import { test } from "node:test";

import { installId, uuid7 } from "../../kontext_integration/static/kontext_integration/install-id.js";

const KEY = "kontextso:installId";
const VERSION_7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** A browser's storage as far as it is used here. */
function fakeStorage(entries = {}) {
  const items = new Map(Object.entries(entries));
  return { getItem: (key) => items.get(key) ?? null, setItem: (key, value) => items.set(key, value) };
}

test("a UUID of version 7 begins with the milliseconds and ends with what is random", () => {
  assert.equal(uuid7(0x0123456789ab, new Uint8Array(10).fill(0xff)), "01234567-89ab-7fff-bfff-ffffffffffff");
  assert.equal(uuid7(0x0123456789ab, new Uint8Array(10)), "01234567-89ab-7000-8000-000000000000");
});

test("the first use makes an id and keeps it", () => {
  const storage = fakeStorage();
  const id = installId(() => storage);
  assert.match(id, VERSION_7);
  assert.equal(storage.getItem(KEY), id);
  assert.equal(installId(() => storage), id);
});

test("a stored UUID of any version is reused, in lower case", () => {
  const storage = fakeStorage({ [KEY]: "6FA459EA-EE8A-4CA4-894E-DB77E160355E" });
  assert.equal(installId(() => storage), "6fa459ea-ee8a-4ca4-894e-db77e160355e");
});

for (const corrupt of ["", "undefined", "6fa459eaee8a4ca4894edb77e160355e", "{6fa459ea-ee8a-4ca4-894e-db77e160355e}"]) {
  test(`the corrupt value ${JSON.stringify(corrupt)} is replaced`, () => {
    const storage = fakeStorage({ [KEY]: corrupt });
    assert.match(installId(() => storage), VERSION_7);
    assert.match(storage.getItem(KEY), VERSION_7);
  });
}

test("blocked storage gives no id, and no error", () => {
  assert.equal(installId(() => { throw new Error("blocked"); }), undefined);
});

test("storage that is full gives no id, and no error", () => {
  const full = { getItem: () => null, setItem: () => { throw new Error("quota"); } };
  assert.equal(installId(() => full), undefined);
});
