// Viewability as the MRC defines it for display ads: half of the pixels in view for one second without a break.

const SHARE = 0.5;
const DURATION_MS = 1000;

// Calls onViewed once. The observer sees through the frame: it counts what the browser's viewport really shows.
export function whenViewed(element, onViewed) {
  let share = 0;
  let timer = null;

  const judge = () => {
    const inView = share >= SHARE && document.visibilityState === "visible";
    if (!inView) {
      clearTimeout(timer);
      timer = null;
    } else if (timer === null) {
      timer = setTimeout(finish, DURATION_MS);
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
  observer.observe(element);
}
