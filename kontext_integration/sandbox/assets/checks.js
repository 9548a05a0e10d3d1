// What is wrong with what a host sends (protocol 6.8).

const DIMENSIONS = [
  "windowWidth", "windowHeight", "screenWidth", "screenHeight",
  "containerWidth", "containerHeight", "containerX", "containerY", "keyboardHeight",
];
const MESSAGE_FIELDS = ["id", "role", "content", "createdAt"];

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

// One sentence; null when nothing is wrong.
export function problemsOfDimensions(data) {
  const wrong = DIMENSIONS.filter((name) => !Number.isFinite(data[name]));
  return wrong.length > 0 ? `update-dimensions-iframe lacks a number for ${wrong.join(", ")} (protocol 6.8)` : null;
}

// A list of sentences about an update-iframe; empty when nothing is wrong.
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
