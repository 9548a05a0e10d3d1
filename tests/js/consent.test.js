import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, mock, test } from "node:test";

import { Consent, fromGpp, fromTcf, fromUsp } from "../../kontext_integration/static/kontext_integration/consent.js";

const TCF = { eventStatus: "tcloaded", gdprApplies: true, tcString: "CPX" };
const GPP = { signalStatus: "ready", gppString: "DBAA", applicableSections: [7] };
const WRONG = [undefined, null, 7, "", "text", true, [], {}, () => {}];
const HOSTILE = new Proxy({}, { get: () => { throw new Error("hostile"); } });

/** A page whose platforms answer at once; what a test wants to say later, it says by `tell`. */
function fakePage() {
  const page = { listeners: { tcf: [], gpp: [] }, usp: null, asked: [] };
  const note = (...args) => page.asked.push(args.slice(0, 2).filter((arg) => typeof arg !== "function").join(" "));
  page.arrive = {
    tcf: () => { page.__tcfapi = (name, version, cb) => { note(name, version); page.listeners.tcf.push(cb); }; },
    gpp: () => { page.__gpp = (name, cb) => { note(name); if (name === "addEventListener") page.listeners.gpp.push(cb); }; },
    usp: () => { page.__uspapi = (name, version, cb) => { note(name, version); cb({ uspString: page.usp }, true); }; },
  };
  page.tell = (name, data, isGood = true) => page.listeners[name].forEach((cb) => cb(data, isGood));
  return page;
}

/** What is watched on such a page, and how often it was said that something has changed. */
function watched(page) {
  const changes = [];
  const consent = new Consent(() => changes.push(consent.signals), page);
  consent.watch();
  return { consent, changes };
}

describe("TCF (7.2)", () => {
  for (const eventStatus of ["tcloaded", "useractioncomplete"]) {
    test(`${eventStatus} counts`, () => {
      assert.deepEqual(fromTcf({ ...TCF, eventStatus }), { gdpr: 1, gdprConsent: "CPX" });
    });
  }

  for (const eventStatus of ["cmpuishown", "TCLOADED", undefined, null, 7, ["tcloaded"]]) {
    test(`the state ${String(eventStatus)} does not count`, () => {
      assert.equal(fromTcf({ ...TCF, eventStatus }), null);
    });
  }

  for (const [said, gdpr] of [[true, 1], [false, 0], [1, 1], [0, 0], ["1", 1], ["0", 0]]) {
    test(`gdprApplies ${JSON.stringify(said)} means ${gdpr}`, () => {
      assert.deepEqual(fromTcf({ eventStatus: "tcloaded", gdprApplies: said }), { gdpr });
    });
  }

  for (const said of [2, -1, 0.5, "yes", "", null, undefined, NaN, {}, [], [1], "constructor"]) {
    test(`gdprApplies ${String(said)} means nothing, and leaves the string as it is`, () => {
      assert.deepEqual(fromTcf({ ...TCF, gdprApplies: said }), { gdprConsent: "CPX" });
    });
  }

  for (const said of ["", "   ", 7, null, undefined, {}, ["CPX"], "x".repeat(7001), "CP\nX", "Ünicode"]) {
    test(`the string ${JSON.stringify(said)?.slice(0, 20)} is none`, () => {
      assert.deepEqual(fromTcf({ ...TCF, tcString: said }), { gdpr: 1 });
    });
  }

  test("a string is kept as it is", () => {
    assert.equal(fromTcf({ ...TCF, tcString: "CPX.YA_-=" }).gdprConsent, "CPX.YA_-=");
  });

  test("a long string that is no string after all is refused without delay", () => {
    const began = performance.now();
    assert.deepEqual(fromTcf({ ...TCF, tcString: " ".repeat(6999) + "ü" }), { gdpr: 1 });
    assert.ok(performance.now() - began < 50);
  });

  test("an answer with nothing in it is none", () => {
    assert.equal(fromTcf({ eventStatus: "tcloaded" }), null);
  });
});

describe("GPP (7.2)", () => {
  test("the string and its sections", () => {
    assert.deepEqual(fromGpp(GPP), { gpp: "DBAA", gppSid: [7] });
  });

  for (const signalStatus of ["not ready", "READY", true, undefined]) {
    test(`it is waited for "ready": ${String(signalStatus)} is not it`, () => {
      assert.equal(fromGpp({ ...GPP, signalStatus }), null);
    });
  }

  for (const [said, gppSid] of [[[-1], []], [[0], []], [[], []], [[2, 6, -1], [2, 6]], [[7, "8", 1.5, null, 1e9, NaN], [7]]]) {
    test(`of the sections ${JSON.stringify(said)} these apply: ${JSON.stringify(gppSid)}`, () => {
      assert.deepEqual(fromGpp({ ...GPP, applicableSections: said }).gppSid, gppSid);
    });
  }

  for (const said of [undefined, null, "7", 7, {}, Array(65).fill(7)]) {
    test(`sections that are ${typeof said} are not known`, () => {
      assert.deepEqual(fromGpp({ ...GPP, applicableSections: said }), { gpp: "DBAA" });
    });
  }

  for (const gppString of ["", "  ", 7, undefined]) {
    test(`without a string, ${JSON.stringify(gppString)}, sections tell nothing`, () => {
      assert.equal(fromGpp({ ...GPP, gppString }), null);
    });
  }
});

describe("US Privacy (7.2)", () => {
  for (const uspString of ["1YNN", "1---", "1yny"]) {
    test(`${uspString} is one`, () => assert.deepEqual(fromUsp({ uspString }), { usPrivacy: uspString }));
  }

  for (const uspString of ["2YNN", "1YN", "1YNNN", "1XNN", "", "undefined", 1, null, undefined, ["1YNN"]]) {
    test(`${JSON.stringify(uspString)} is none`, () => assert.equal(fromUsp({ uspString }), null));
  }
});

for (const read of [fromTcf, fromGpp, fromUsp]) {
  test(`${read.name} takes anything`, () => {
    for (const wrong of WRONG) assert.equal(read(wrong), null);
  });
}

describe("the platforms of a page", () => {
  beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
  afterEach(() => mock.timers.reset());

  test("without any there is nothing to tell, and it is not looked for ever", () => {
    let looks = 0;
    const page = { get __tcfapi() { looks += 1; return undefined; } };
    const { consent, changes } = watched(page);
    mock.timers.tick(3_600_000);
    assert.equal(consent.signals, null);
    assert.deepEqual(changes, []);
    assert.equal(looks, 10);
  });

  for (const delay of [0, 300, 5000, 50_000]) {
    test(`one that comes after ${delay} ms is heard`, () => {
      const page = fakePage();
      const { changes } = watched(page);
      setTimeout(() => page.arrive.tcf(), delay);
      mock.timers.tick(delay);
      mock.timers.tick(60_000);
      page.tell("tcf", TCF);
      assert.deepEqual(changes, [{ gdpr: 1, gdprConsent: "CPX" }]);
    });
  }

  test("one that comes later still is found by the next look", () => {
    const page = fakePage();
    const { consent } = watched(page);
    mock.timers.tick(3_600_000);
    page.arrive.tcf();
    consent.look();
    page.tell("tcf", TCF);
    assert.deepEqual(consent.signals, { gdpr: 1, gdprConsent: "CPX" });
  });

  test("what all of them say is one answer", () => {
    const page = fakePage();
    for (const arrive of Object.values(page.arrive)) arrive();
    page.usp = "1YNN";
    const { consent } = watched(page);
    page.tell("gpp", { pingData: GPP });
    page.tell("tcf", TCF);
    assert.deepEqual(consent.signals, { gdpr: 1, gdprConsent: "CPX", gpp: "DBAA", gppSid: [7], usPrivacy: "1YNN" });
  });

  test("they are asked with the version of their API", () => {
    const page = fakePage();
    for (const arrive of Object.values(page.arrive)) arrive();
    watched(page);
    assert.deepEqual(page.asked, ["addEventListener 2", "addEventListener", "ping", "getUSPData 1"]);
  });

  test("the same said a hundred times is one change", () => {
    const page = fakePage();
    page.arrive.tcf();
    const { changes } = watched(page);
    for (let time = 0; time < 100; time += 1) page.tell("tcf", { ...TCF });
    assert.equal(changes.length, 1);
  });

  test("a changed answer replaces the one before as a whole", () => {
    const page = fakePage();
    page.arrive.tcf();
    const { changes } = watched(page);
    page.tell("tcf", TCF);
    page.tell("tcf", { eventStatus: "useractioncomplete", gdprApplies: true, tcString: "REFUSED" });
    page.tell("tcf", { eventStatus: "useractioncomplete", gdprApplies: false });
    assert.deepEqual(changes, [{ gdpr: 1, gdprConsent: "CPX" }, { gdpr: 1, gdprConsent: "REFUSED" }, { gdpr: 0 }]);
  });

  test("what cannot be used does not wipe what was said", () => {
    const page = fakePage();
    page.arrive.tcf();
    const { consent, changes } = watched(page);
    page.tell("tcf", TCF);
    for (const wrong of [...WRONG, HOSTILE]) page.tell("tcf", wrong);
    page.tell("tcf", { ...TCF, tcString: "OTHER" }, false);
    assert.deepEqual(consent.signals, { gdpr: 1, gdprConsent: "CPX" });
    assert.equal(changes.length, 1);
  });

  test("US Privacy, which tells of no change, is asked again after one of the others, and by a look", () => {
    const page = fakePage();
    page.arrive.tcf();
    page.arrive.usp();
    const { consent } = watched(page);
    page.usp = "1YNN";
    page.tell("tcf", TCF);
    assert.equal(consent.signals.usPrivacy, "1YNN");
    page.usp = "1YYN";
    consent.look();
    assert.equal(consent.signals.usPrivacy, "1YYN");
  });

  test("the real platform is asked even when it forgets who listened to its stub", () => {
    const page = fakePage();
    page.arrive.tcf();
    const { consent } = watched(page);
    page.listeners.tcf.length = 0;
    page.arrive.tcf();
    mock.timers.tick(250);
    page.tell("tcf", TCF);
    assert.equal(consent.signals.gdprConsent, "CPX");
  });

  test("one that stays is asked once, however often it is looked for", () => {
    const page = fakePage();
    page.arrive.tcf();
    watched(page);
    mock.timers.tick(60_000);
    assert.equal(page.listeners.tcf.length, 1);
  });

  test("GPP without data in its events is asked for them", () => {
    const page = {
      __gpp: (name, cb) => (name === "ping" ? cb(page.ping, true) : (page.listener = cb)),
      ping: { signalStatus: "not ready" },
    };
    const { consent, changes } = watched(page);
    page.ping = GPP;
    page.listener({ eventName: "signalStatus", data: "ready" }, true);
    assert.deepEqual(consent.signals, { gpp: "DBAA", gppSid: [7] });
    page.listener({ eventName: "signalStatus", pingData: { ...GPP, signalStatus: "not ready", gppString: "HALF" } }, true);
    for (const wrong of [...WRONG, HOSTILE]) page.listener(wrong, true);
    assert.equal(changes.length, 1);
  });

  for (const name of ["__tcfapi", "__gpp", "__uspapi"]) {
    test(`${name} may be anything or throw; the others are heard`, () => {
      for (const odd of [...WRONG, HOSTILE, () => { throw new Error("broken"); }, (...args) => args.forEach((arg) => arg?.(HOSTILE, true))]) {
        const page = fakePage();
        for (const arrive of Object.values(page.arrive)) arrive();
        page.usp = "1YNN";
        page[name] = odd;
        const { consent } = watched(page);
        page.tell("tcf", TCF);
        page.tell("gpp", { pingData: GPP });
        assert.equal(Object.keys(consent.signals).length, { __tcfapi: 3, __gpp: 3, __uspapi: 4 }[name]);
      }
    });
  }

  test("a page that refuses to show its platforms has none", () => {
    const { consent } = watched(HOSTILE);
    assert.equal(consent.signals, null);
  });
});
