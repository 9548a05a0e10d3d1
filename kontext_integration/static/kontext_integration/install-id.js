/** The id of this browser at Kontext: a UUID under the key that every Kontext SDK for the web uses (protocol 3). */

const KEY = "kontextso:installId";
const CANONICAL = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * A UUID of version 7: 48 bits of time, the rest random.
 * @param {number} now milliseconds since 1970
 * @param {Uint8Array} random 16 random bytes
 */
export function uuid7(now, random) {
  const bytes = Uint8Array.from(random);
  for (let index = 0; index < 6; index += 1) bytes[index] = Math.floor(now / 2 ** (8 * (5 - index))) % 256;
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/**
 * The stored id; a new one when there is none or it is corrupt.
 * @param {() => Storage} storage reading `window.localStorage` may throw, hence a function
 * @returns {string|undefined} undefined: nothing can be stored here, and an id that changed with every page would be
 *   worse than the one the server keeps
 */
export function installId(storage = () => window.localStorage) {
  try {
    const known = storage().getItem(KEY);
    if (known && CANONICAL.test(known)) return known.toLowerCase();
    const fresh = uuid7(Date.now(), crypto.getRandomValues(new Uint8Array(16)));
    storage().setItem(KEY, fresh);
    return fresh;
  } catch {
    return undefined;
  }
}
