/**
 * What the consent platforms of the page say, live (protocol 7.2): TCF, GPP and US Privacy. They come late or never, and what
 * they hand over is believed only when it has the right type. Signals go by their wire names.
 */

/** Characters; our server takes no more, and two such strings fit into one report. */
const LONGEST = 7000;
const MOST_SECTIONS = 64;
const PRINTABLE = /^[ -~]+$/;
const US_PRIVACY = /^1[YN-]{3}$/i;
const FLAGS = new Map([[true, 1], [1, 1], ["1", 1], [false, 0], [0, 0], ["0", 0]]);
const ANSWERED = ["tcloaded", "useractioncomplete"];
/** When it is looked for platforms after the first time: less and less often, and not for ever. */
const LOOKS_MS = [250, 500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000];

// What each of them hands over, as signals; null: nothing that could be used.

export function fromTcf(data) {
  if (!ANSWERED.includes(data?.eventStatus)) return null;
  return known({ gdpr: FLAGS.get(data.gdprApplies), gdprConsent: text(data.tcString) });
}

/** Sections -1 and 0 mean that none applies. */
export function fromGpp(ping) {
  const gpp = ping?.signalStatus === "ready" ? text(ping.gppString) : undefined;
  return gpp ? known({ gpp, gppSid: sections(ping.applicableSections) }) : null;
}

export function fromUsp(data) {
  const usPrivacy = text(data?.uspString);
  return US_PRIVACY.test(usPrivacy) ? { usPrivacy } : null;
}

function text(value) {
  const isText = typeof value === "string" && value.length <= LONGEST && PRINTABLE.test(value);
  return isText && value.trim() ? value : undefined;
}

function sections(value) {
  const isId = (item) => Number.isInteger(item) && item > 0 && item < 1000;
  return Array.isArray(value) && value.length <= MOST_SECTIONS ? value.filter(isId) : undefined;
}

function known(signals) {
  const found = Object.entries(signals).filter(([, value]) => value !== undefined);
  return found.length > 0 ? Object.fromEntries(found) : null;
}

/** All platforms of a page. Says by `onChange` that `signals` has changed. */
export class Consent {
  #onChange;
  #page;
  #asked = new Map();
  #told = new Map();

  constructor(onChange, page = globalThis) {
    this.#onChange = onChange;
    this.#page = page;
  }

  // Lifecycle

  watch() {
    this.look();
    for (const delay of LOOKS_MS) setTimeout(() => this.look(), delay);
  }

  // Actions

  /** What is known now; null: nothing. */
  get signals() {
    const all = ["tcf", "gpp", "usp"].map((name) => this.#told.get(name));
    return all.some(Boolean) ? Object.assign({}, ...all) : null;
  }

  /** Asks the platforms that have come, and US Privacy again: it tells of no change by itself. */
  look() {
    this.#ask("__tcfapi", (call) => call("addEventListener", 2, this.#listener("tcf", fromTcf)));
    this.#ask("__gpp", (call) => {
      const read = this.#listener("gpp", fromGpp);
      call("addEventListener", (event) => contain(() => (event.pingData ? read(event.pingData) : call("ping", read))));
      call("ping", read);
    });
    this.#readUsPrivacy();
  }

  // Internal

  /** A stub gives way to the real platform, which may have forgotten who listened to the stub. */
  #ask(name, listen) {
    contain(() => {
      const api = this.#page[name];
      if (typeof api !== "function" || this.#asked.get(name) === api) return;
      this.#asked.set(name, api);
      listen((...args) => contain(() => Reflect.apply(api, this.#page, args)));
    });
  }

  #readUsPrivacy() {
    contain(() => this.#page.__uspapi?.("getUSPData", 1, this.#listener("usp", fromUsp)));
  }

  #listener(name, read) {
    return (data, isGood) => contain(() => isGood !== false && this.#take(name, read(data)));
  }

  #take(name, signals) {
    if (!signals || JSON.stringify(signals) === JSON.stringify(this.#told.get(name))) return;
    this.#told.set(name, signals);
    this.#onChange();
    if (name !== "usp") this.#readUsPrivacy();
  }
}

function contain(work) {
  try {
    work();
  } catch {
    // A platform that fails has told nothing.
  }
}
