/** Where a frame's words may lead: the page of a click, and the page of a modal (protocol 6.1, 6.7). */

function webAddress(value, base) {
  const path = value.startsWith("/") && !value.startsWith("//");
  const absolute = path ? base + value : value.startsWith("//") ? base.slice(0, base.indexOf("//")) + value : value;
  if (!URL.canParse(absolute)) return null;
  const { href, protocol } = new URL(absolute);
  return protocol === "https:" || protocol === "http:" ? href : null;
}

/**
 * The address that a click opens, http or https (protocol 6.7); null: none.
 * @param {{url?: string, fallbackUrl?: string}} click
 * @param {string} base the ad server's, without a slash at its end
 */
export function clickAddress({ url, fallbackUrl }, base) {
  if (url === undefined) return null;
  return webAddress(url, base) ?? webAddress(fallbackUrl ?? "", base);
}

/**
 * The address of a modal with what the ad wants to tell it (protocol 6.1).
 * @param {string} address the server's, which has a query already
 * @param {string} [params] JSON; undefined: nothing to tell
 */
export function modalAddress(address, params) {
  return params === undefined ? address : `${address}&componentParams=${encodeURIComponent(params)}`;
}
