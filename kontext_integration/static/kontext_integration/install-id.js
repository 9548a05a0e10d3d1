/** The id of this browser at Kontext: a UUID, stored where every Kontext SDK for the web looks for it (protocol 3). */

const KEY = "kontextso:installId";
const CANONICAL = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A UUID of version 7 from milliseconds since 1970 and ten random bytes. */
export function uuid7(now, random) {
  const time = now.toString(16).padStart(12, "0");
  const rest = Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const variant = "89ab"[random[9] & 3];
  return `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(0, 3)}-${variant}${rest.slice(3, 6)}-${rest.slice(6, 18)}`;
}

/**
 * The stored id; a new one when there is none or it is corrupt; undefined where nothing can be stored.
 * `storage` is a function because asking for a blocked storage throws.
 */
export function installId(storage = () => localStorage) {
  try {
    const kept = storage();
    if (!CANONICAL.test(kept.getItem(KEY))) kept.setItem(KEY, uuid7(Date.now(), crypto.getRandomValues(new Uint8Array(10))));
    // Read again: some storages take everything and keep nothing.
    return kept.getItem(KEY)?.match(CANONICAL)?.[0].toLowerCase();
  } catch {
    return undefined;
  }
}
