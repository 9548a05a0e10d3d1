const slot = [...document.querySelectorAll("[data-ad-slot]")].at(-1);
for (let tries = 0; tries < 10 && slot?.matches(":empty"); tries++) {
  await new Promise((done) => setTimeout(done, 1000));
  const html = await (await fetch(`/ads/${slot.dataset.adSlot}/`)).text();
  if (slot.matches(":empty")) slot.innerHTML = html;
}
