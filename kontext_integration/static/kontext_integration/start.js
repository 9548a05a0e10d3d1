/**
 * What every page loads: the element comes with the first ad on the page, and the facts about the browser are told when the
 * page has nothing else to do. A page without an ad costs only this.
 */

const ads = document.getElementsByTagName("kontext-ad");
const isNeeded = () => ads.length > 0 && import("./kontext-ad.js");

if (!isNeeded()) {
  const arrivals = new MutationObserver(() => isNeeded() && arrivals.disconnect());
  arrivals.observe(document, { childList: true, subtree: true });
}

const whenIdle = globalThis.requestIdleCallback ?? setTimeout;
const tellFacts = () => whenIdle(() => import("./browser.js"));
if (document.readyState === "complete") tellFacts();
else addEventListener("load", tellFacts, { once: true });
