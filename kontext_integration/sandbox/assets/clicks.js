// Clicks on a creative: counted by ad.clicked, opened by the host on click-iframe (protocol 6.7).

// ad: {host, bidId, messageId, format, content()}
export function watchClicks(link, ad) {
  const report = () => {
    const { bidId: id, messageId, format } = ad;
    const url = link.getAttribute("href");
    const click = { id, content: ad.content(), messageId, url };
    ad.host.event("ad.clicked", { ...click, format, area: link.dataset.area });
    return click;
  };
  // With a modifier or the middle button the browser opens the page itself, and the click only counts.
  link.addEventListener("click", (event) => {
    const click = report();
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    ad.host.send("click-iframe", { ...click, target: "browser" });
  });
  link.addEventListener("auxclick", (event) => {
    if (event.button === 1) report();
  });
}
