/** The token that our server wants to see with every POST. */

const settings = globalThis.document?.querySelector("script[data-kontext]")?.dataset ?? {};

/** The cookie is the newest; the attribute is for sites whose cookie scripts cannot read. */
export function csrfToken() {
  const start = `${settings.csrfCookie ?? "csrftoken"}=`;
  const cookie = document.cookie.split("; ").find((item) => item.startsWith(start));
  return cookie ? decodeURIComponent(cookie.slice(start.length)) : (settings.csrfToken ?? "");
}
