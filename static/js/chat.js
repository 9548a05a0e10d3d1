/**
 * The chat page's behaviour: what HTML, CSS and htmx do not do by themselves.
 * Every part is a custom element or listens on the document, so it works the same after a page load and after a swap.
 */

import "./composer.js";
import "./copy.js";
import "./draft.js";
import "./outbox.js";
import "./socket.js";
import "./status.js";
import "./transcript.js";
