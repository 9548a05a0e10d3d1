// The text of a creative: which line, and how it is written.

const WORD_MS = 45;

// The index of the line whose words the newest message holds most; the first, which is for everybody, when it holds none.
export function chooseLine(lines, messages) {
  const words = new Set((messages.at(-1)?.content ?? "").toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
  const scores = lines.map(({ when }) => when.filter((word) => words.has(word)).length);
  return scores.indexOf(Math.max(...scores));
}

// Word by word, at reading pace; at once for those who asked for less motion, and in a tab that nobody looks at.
export async function write(element, text) {
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  for (const word of text.match(/\S+\s*/g)) {
    const span = document.createElement("span");
    span.textContent = word;
    element.append(span);
    if (!still.matches && document.visibilityState === "visible") {
      await new Promise((resolve) => setTimeout(resolve, WORD_MS));
    }
  }
}

export function setTheme(theme) {
  if (typeof theme === "string") {
    document.body.dataset.theme = ["dark", "light"].find((scheme) => theme.toLowerCase().includes(scheme)) ?? "";
  }
}
