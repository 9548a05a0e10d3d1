// Viewability as the MRC defines it: half of the pixels in view, without a break, for one second; a film must play, for two.

const SHARE = 0.5;
const DURATION_MS = 1000;
const FILM_DURATION_MS = 2000;

// Calls onViewed once. The observer sees through the frame: it counts what the browser's viewport really shows.
export function whenViewed(element, onViewed, film = null) {
  let share = 0;
  let timer = null;

  const judge = () => {
    const inView = share >= SHARE && document.visibilityState === "visible" && !film?.paused;
    if (!inView) {
      clearTimeout(timer);
      timer = null;
    } else if (timer === null) {
      timer = setTimeout(finish, film ? FILM_DURATION_MS : DURATION_MS);
    }
  };
  const observer = new IntersectionObserver(
    (entries) => {
      share = entries.at(-1).intersectionRatio;
      judge();
    },
    { threshold: [0, SHARE, 1] },
  );
  const finish = () => {
    observer.disconnect();
    document.removeEventListener("visibilitychange", judge);
    onViewed();
  };

  document.addEventListener("visibilitychange", judge);
  for (const change of ["play", "pause"]) film?.addEventListener(change, judge);
  observer.observe(element);
}
