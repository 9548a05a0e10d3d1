/** Copy buttons: of a code block (`data-copy`) and of a whole reply (`data-copy-message`). Ads are never part of either. */

/** @param {HTMLElement} button */
function textFor(button) {
  const code = button.closest(".code")?.querySelector("code");
  return code ? code.textContent : document.getElementById(button.dataset.copyMessage ?? "")?.innerText;
}

/** Clipboard access needs a secure context; on plain http the old way still works. @param {string} text */
async function copy(text) {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = Object.assign(document.createElement("textarea"), { value: text, readOnly: true });
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("The browser refused to copy.");
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy], [data-copy-message]");
  if (!button) return;
  await copy(textFor(button) ?? "");
  button.focus();
  const announcer = document.getElementById("announcer");
  if (announcer) announcer.textContent = button.dataset.done ?? button.textContent;
  button.toggleAttribute("data-copied", true);
  setTimeout(() => button.removeAttribute("data-copied"), 1500);
});
