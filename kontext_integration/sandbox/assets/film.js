// The film of a video ad: plays without sound, once, while half of it is in view.

const SHARE = 0.5;

// ad: {host, bidId}
export function showFilm(film, { host, bidId }) {
  film.muted = true; // the attribute alone counts only for a film that the parser has not built yet
  film.addEventListener("playing", () => host.event("video.started", { id: bidId }), { once: true });
  film.addEventListener("ended", () => host.event("video.completed", { id: bidId }), { once: true });
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) playInView(film);
}

function playInView(film) {
  let inView = false;
  const observer = new IntersectionObserver(
    (entries) => {
      inView = entries.at(-1).intersectionRatio >= SHARE;
      if (inView) film.play().catch(() => observer.disconnect());
      else film.pause();
    },
    { threshold: [0, SHARE] },
  );
  // Who pauses it in view has the last word, and its end is the end.
  film.addEventListener("pause", () => inView && observer.disconnect());
  observer.observe(film);
}
