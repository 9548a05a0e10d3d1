/** One POST to the ad server in our server's place (protocol 2.7): one attempt, bounded in time and size. Needs no DOM. */

/** Bytes of an answer that are handed back; real ones have a few hundred. JSON that is cut is none any more. */
const LONGEST_ANSWER = 64 * 1024;
const HOW = { method: "POST", credentials: "omit", referrerPolicy: "strict-origin", cache: "no-store", redirect: "follow" };

/**
 * Posts a request that our server built, to `origin` and nowhere else.
 * @returns {Promise<{status: number, body: Blob} | {failure: "network" | "timeout"}>} what came of it; never throws
 */
export async function relayed({ url, headers, body, timeout_ms }, origin, send = fetch) {
  try {
    if (!new URL(url).href.startsWith(`${origin}/`)) throw new Error("This page knows another ad server.");
    const response = await send(url, { ...HOW, headers, body, signal: AbortSignal.timeout(timeout_ms) });
    return { status: response.status, body: await beginning(response) };
  } catch (error) {
    return { failure: error?.name === "TimeoutError" ? "timeout" : "network" };
  }
}

// Internal

/** The bytes as they came. Nobody reads what stands in an answer without success (protocol 2.4). */
async function beginning(response) {
  const reader = response.body?.getReader();
  const chunks = [];
  let missing = response.ok ? LONGEST_ANSWER : 0;
  while (reader && missing > 0) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value.subarray(0, missing));
    missing -= value.length;
  }
  // Nobody waits for an end that may never come.
  reader?.cancel().catch(() => {});
  return new Blob(chunks, { type: "application/octet-stream" });
}
