// The frame's side of the postMessage protocol (6.3 to 6.8): sending to the host, and checking what the host sends.

const DIMENSIONS = [
  "windowWidth", "windowHeight", "screenWidth", "screenHeight",
  "containerWidth", "containerHeight", "containerX", "containerY", "keyboardHeight",
];
const MESSAGE_FIELDS = ["id", "role", "content", "createdAt"];

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

export class Host {
  #code;
  #origin = "*"; // until the host has shown its own
  #complained = false;

  constructor(code) {
    this.#code = code;
  }

  // Calls onUpdate(data) for every update-iframe of the page that frames us.
  listen(onUpdate) {
    window.addEventListener("message", ({ data, origin, source }) => {
      if (source !== window.parent || source === window || !isObject(data) || !isObject(data.data)) return;
      if (data.data.code !== undefined && data.data.code !== this.#code) return;
      if (data.type === "update-iframe") {
        this.#origin = origin === "null" ? "*" : origin;
        onUpdate(data.data);
      } else if (data.type === "update-dimensions-iframe") {
        this.#checkDimensions(data.data);
      }
    });
  }

  send(type, data = {}) {
    if (window.parent !== window) {
      window.parent.postMessage({ type, data: { ...data, code: this.#code } }, this.#origin);
    }
  }

  event(name, payload) {
    this.send("event-iframe", { name, payload });
  }

  #checkDimensions(data) {
    const wrong = DIMENSIONS.filter((name) => !Number.isFinite(data[name]));
    if (wrong.length > 0 && !this.#complained) {
      this.#complained = true;
      console.warn(`Kontext sandbox: update-dimensions-iframe lacks a number for ${wrong.join(", ")} (protocol 6.8)`);
    }
  }
}

// What is wrong with the first update-iframe; an empty list when nothing is.
export function problemsOfUpdate(data, { code, messageId, sdk, snapshot }) {
  const problems = [];
  if (data.code !== code) problems.push("code is not that of the frame");
  if (data.messageId !== messageId) problems.push("messageId is not that of the frame's address");
  if (data.sdk !== sdk) problems.push("sdk is not that of the frame's address");
  if (!isObject(data.otherParams)) problems.push("otherParams must be an object");
  if (!Array.isArray(data.messages)) return [...problems, "messages must be a list"];
  for (const field of MESSAGE_FIELDS) {
    if (!data.messages.every((message) => typeof message?.[field] === "string")) {
      problems.push(`every message needs the string ${field}`);
    }
  }
  const ids = data.messages.map((message) => message?.id);
  if (ids.length > 0 && JSON.stringify(ids) !== JSON.stringify(snapshot)) {
    problems.push("messages are not the snapshot of the preload that won this bid");
  }
  return problems;
}
