/**
 * What every page loads: the element comes with the first ad on the page, and the facts about the browser are told when the
 * page has nothing else to do; at once where requests wait for the person's consent. A page without an ad costs only this.
 */

const ads = document.getElementsByTagName("kontext-ad");
const isNeeded = () => ads.length > 0 && import("./kontext-ad.js");

if (!isNeeded()) {
  const arrivals = new MutationObserver(() => isNeeded() && arrivals.disconnect());
  arrivals.observe(document, { childList: true, subtree: true });
}

const tellFacts = () => import("./browser.js");
const whenIdle = () => (globalThis.requestIdleCallback ?? setTimeout)(tellFacts);
if (document.querySelector("script[data-kontext][data-consent-first]")) tellFacts();
else if (document.readyState === "complete") whenIdle();
else addEventListener("load", whenIdle, { once: true });
