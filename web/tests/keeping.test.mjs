// What keeps a visitor's records and reminds of them: copies, passphrases from other programs, the diary,
// the calendar, notifications, the browser's own promises, and the light of the camera.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { forms, formsOfPayload, search, until } from "./browser.mjs";
import { Person } from "./person.mjs";
import { HOUR, MINUTE, Town, now } from "./town.mjs";
import { Visitor } from "./visitor.mjs";

let town;
let bar;

before(async () => {
  town = await Town.open();
  bar = await town.venue("Bar Kurotsubaki", { more: ["--kind", "bar", "--stay", "90m"] });
});

after(() => town?.close());

/** Opens the screen about what is kept. */
async function keeps(visitor) {
  await visitor.goesHome();
  await visitor.does("open-kept");
  return visitor.sees("kept");
}

/** Reads a copy in, where something or nothing is kept. */
async function readsIn(visitor, file, passphrase = "") {
  await keeps(visitor);
  await visitor.page.locator('[data-do="choose-export"]').setInputFiles(file);
  await visitor.fills("import-passphrase", passphrase);
  await visitor.does("import");
}

/** Begins or ends the diary; the page has done it when this returns. */
async function records(visitor, on) {
  await visitor.page.locator('[data-do="record-diary"]').setChecked(on);
  await visitor.page.locator('[data-do="record-diary"]:not([aria-busy])').waitFor();
}

/** What stands in the place where the page says what is done. */
function said(visitor, words) {
  return visitor.page.locator(".said", { hasText: words }).waitFor();
}

/** Grants or denies what a person would be asked, or a browser decides by itself. */
async function permits(visitor, name, setting) {
  const session = await visitor.context.newCDPSession(visitor.page);
  await session.send("Browser.setPermission", { permission: { name }, setting, origin: town.url });
}

test("a copy brings visits and notices to another device, and replaces nothing unasked", async (t) => {
  const old = await Visitor.arrives(t, town);
  const arrival = now() - 5 * HOUR;
  await old.wasThere(bar, arrival, arrival + HOUR);
  await old.checksIn(bar);
  await keeps(old);
  const copy = await old.saves("export");

  const fresh = await Visitor.arrives(t, town);
  await writeFile(`${fresh.folder}/other.bin`, "{}");
  await readsIn(fresh, `${fresh.folder}/other.bin`);
  await fresh.problem("not-an-export");
  await readsIn(fresh, copy);
  assert.match(await (await fresh.sees("home")).innerText(), /Bar Kurotsubaki/);
  await town.warn(bar, arrival, arrival + HOUR);
  await fresh.goesHome();
  await fresh.looks();
  assert.equal((await fresh.notices()).length, 1);

  // Where something is kept, the page asks first; and "cancel" leaves it.
  const cafe = await town.venue("Kissa Fuji");
  const busy = await Visitor.arrives(t, town);
  await busy.checksIn(cafe);
  await readsIn(busy, copy);
  await busy.does("cancel");
  assert.match(await (await busy.goesHome(), busy.sees("home")).then((home) => home.innerText()), /Kissa Fuji/);
  await readsIn(busy, copy);
  await busy.confirms("import");
  const home = await (await busy.sees("home")).innerText();
  assert.match(home, /Bar Kurotsubaki/);
  assert.doesNotMatch(home, /Kissa Fuji/);
});

test("a copy with a passphrase asks for it, and is as sealed as the vault [WEB-4]", async (t) => {
  const old = await Visitor.arrives(t, town);
  await old.checksIn(bar);
  await keeps(old);
  await old.fills("passphrase", "seven blue curtains");
  await old.does("set-passphrase");
  await old.page.locator('[data-do="remove-passphrase"]:visible').waitFor();
  const copy = await old.saves("export");
  const bytes = await readFile(copy);
  for (const [name, needle] of Object.entries({ ...formsOfPayload(bar.payload), ...forms(bar.name) })) {
    assert.ok(!bytes.includes(needle), name);
  }
  const fresh = await Visitor.arrives(t, town);
  await readsIn(fresh, copy);
  await fresh.problem("wrong-passphrase");
  await readsIn(fresh, copy, "seven red curtains");
  await fresh.problem("wrong-passphrase");
  await readsIn(fresh, copy, "seven blue curtains");
  assert.match(await (await fresh.sees("home")).innerText(), /Bar Kurotsubaki/);
});

test("a passphrase is the same from every keyboard and every program [VEN-11]", async (t) => {
  // The command line normalizes by tables of its own, the page by those of the browser. Letters that are
  // composed, taken apart, reordered, compatible or excluded from composition tell them apart.
  const letters = ["Caf\u00E9", "\uAC00\u11A8", "\u30AC\u30E9\u30B9", "q\u0323\u0307", "\u0958", "\u212B", "\uFB01", "\uFF76\uFF9E"];
  const apart = ["Cafe\u0301", "\u1100\u1161\u11A8", "\u30AB\u3099\u30E9\u30B9", "q\u0307\u0323", "\u0915\u093C", "A\u030A", "\uFB01", "\uFF76\uFF9E"];
  const person = new Person(`${town.folder}/keyboards`);
  await person.json(["visitor", "follow", town.url]);
  await person.json(["visitor", "check-in", bar.link]);
  await person.write("passphrase", `${letters.join(" ")}\n`);
  await person.json(["visitor", "protect", "--passphrase-file", "passphrase"]);
  const vault = await person.read("home/visitor/vault");
  const copy = { noren: "device", version: 1, vault: vault.toString("base64"), diary: null, key: null, profiles: [] };
  const visitor = await Visitor.arrives(t, town);
  const file = `${visitor.folder}/copy.bin`;
  await writeFile(file, JSON.stringify(copy));
  for (const wrong of [apart.with(0, "Cafe"), apart.with(6, "fi"), apart.with(7, "\u30AC")]) {
    await readsIn(visitor, file, wrong.join(" "));
    await visitor.problem("wrong-passphrase");
  }
  await readsIn(visitor, file, apart.join(" "));
  assert.match(await (await visitor.sees("home")).innerText(), /Bar Kurotsubaki/);
});

test("the diary is kept by choice, with notes, and sealed [WEB-4]", async (t) => {
  const visitor = await Visitor.arrives(t, town);
  await visitor.checksIn(bar);
  await visitor.goesHome();
  await visitor.checksOut();
  assert.equal(await (await keeps(visitor)).locator('[data-field="note"]').count(), 0, "nothing is written unasked");
  await records(visitor, true);
  await visitor.checksInAndOut(bar);
  const kept = await keeps(visitor);
  assert.match(await kept.locator(".entry", { has: visitor.page.locator('[data-field="note"]') }).innerText(), /Bar Kurotsubaki/);
  await visitor.fills("note", "with Hanako, table 4");
  await visitor.does("note-diary");
  await said(visitor, "saved");
  await visitor.stop();
  assert.deepEqual(await search(visitor.profile, { ...forms("with Hanako"), ...forms(bar.name) }), []);
  await visitor.comesBack();
  const after = await keeps(visitor);
  assert.equal(await after.locator('[data-field="note"]').inputValue(), "with Hanako, table 4");
  await visitor.does("forget-diary");
  await after.locator('[data-field="note"]').waitFor({ state: "detached" });
  await records(visitor, false);
  await visitor.checksInAndOut(bar);
  assert.equal(await (await keeps(visitor)).locator('[data-field="note"]').count(), 0);
});

test("the calendar's entries remind every evening and name nothing [WEB-7]", async (t) => {
  const visitor = await Visitor.arrives(t, town, { language: "ja" });
  await visitor.checksIn(bar);
  await keeps(visitor);
  const text = await readFile(await visitor.saves("calendar"), "utf8");
  const lines = text.split("\r\n");
  assert.ok(!lines.some((line) => line.includes("\n") || Buffer.byteLength(line) > 75), text);
  const unfolded = text.replaceAll("\r\n ", "").trimEnd().split("\r\n");
  const values = new Map(unfolded.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]));
  // After seven in the evening, five hours later is tomorrow.
  const next = new Date(Date.now() + 5 * 3_600_000);
  const day = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Tokyo" }).format(next).replaceAll("-", "");
  assert.equal(values.get("DTSTART"), `${day}T190000`, "the next evening, where the device is");
  assert.equal(values.get("RRULE"), "FREQ=DAILY;COUNT=14");
  assert.equal(values.get("URL"), `${town.url}/`);
  assert.deepEqual(unfolded.filter((line) => /^(BEGIN|END):/.test(line)), [
    "BEGIN:VCALENDAR", "BEGIN:VEVENT", "BEGIN:VALARM", "END:VALARM", "END:VEVENT", "END:VCALENDAR"]);
  assert.doesNotMatch(text, /Kurotsubaki|Aobadai|attention|cluster/i);
});

test("a page that is not seen reminds once of checking out, and names nothing [VIS-7] [WEB-7]", async (t) => {
  const visitor = await Visitor.arrives(t, town);
  await visitor.context.grantPermissions(["notifications"], { origin: town.url });
  await visitor.page.evaluate(() => navigator.serviceWorker.ready.then(() => null));
  await visitor.page.clock.install();
  await visitor.goesHome();
  await visitor.checksIn(bar);
  const shown = () => visitor.page.evaluate(async () => (
    (await (await navigator.serviceWorker.ready).getNotifications()).map(({ title, body }) => `${title} ${body}`)));
  const isSeen = (seen) => visitor.page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
  }, !seen);
  // Before the usual stay is over, and while somebody looks at the page, there is nothing to say.
  await isSeen(false);
  await visitor.page.clock.runFor(2 * MINUTE * 1000);
  assert.deepEqual(await shown(), []);
  await isSeen(true);
  await visitor.page.clock.runFor(100 * MINUTE * 1000);
  assert.deepEqual(await shown(), []);
  await isSeen(false);
  await visitor.page.clock.runFor(MINUTE * 1000);
  // Chromium drops a notification that is asked for while it is being shown: first the page has to know
  // that it was.
  await until("a reminder", () => visitor.page.evaluate(async () => {
    const { onState } = await import("/phone.js");
    return new Promise((resolve) => {
      const stop = onState(({ open }) => resolve(open.every(({ isReminded }) => isReminded)));
      stop();
    });
  }));
  const isSettled = () => new Promise((resolve) => setTimeout(resolve, 500));
  await isSettled();
  const [notification] = await shown();
  assert.doesNotMatch(notification, /Kurotsubaki|Aobadai|\d\d?[:：時]\d*/i);
  await visitor.page.evaluate(async () => {
    (await (await navigator.serviceWorker.ready).getNotifications()).forEach((each) => each.close());
  });
  await until("it is taken away", async () => (await shown()).length === 0);
  for (let minute = 0; minute < 5; minute += 1) {
    await visitor.page.clock.runFor(MINUTE * 1000);
    await isSettled();
    assert.deepEqual(await shown(), [], "once is enough");
  }
});

test("the page looks in the background where the browser lets it, and says where not", async (t) => {
  const visitor = await Visitor.arrives(t, town);
  await visitor.page.evaluate(() => navigator.serviceWorker.ready.then(() => null));
  const tags = () => visitor.page.evaluate(async () => (await navigator.serviceWorker.ready).periodicSync.getTags());
  await permits(visitor, "notifications", "denied");
  await keeps(visitor);
  await visitor.does("notify");
  await said(visitor, "does not allow it");
  assert.deepEqual(await tags().catch(() => []), []);
  await permits(visitor, "notifications", "granted");
  await permits(visitor, "periodic-background-sync", "granted");
  await keeps(visitor);
  await visitor.does("notify");
  await said(visitor, "in the background");
  assert.deepEqual(await tags(), ["look"]);
});

test("the page says whether the browser promised to keep its data, and asks for it [WEB-4]", async (t) => {
  const visitor = await Visitor.arrives(t, town);
  await visitor.checksIn(bar);
  const kept = await keeps(visitor);
  assert.match(await kept.innerText(), /may clear this page's data/);
  // Chromium promises by its own lights, asked or not; others do not.
  await visitor.page.evaluate(() => {
    const { persist } = StorageManager.prototype;
    globalThis.asked = 0;
    StorageManager.prototype.persist = function () {
      globalThis.asked += 1;
      return persist.call(this);
    };
  });
  await visitor.does("persist");
  await said(visitor, "did not agree");
  await permits(visitor, "persistent-storage", "granted");
  await visitor.does("persist");
  await kept.getByText("has agreed not to clear").waitFor();
  assert.equal(await visitor.page.evaluate(() => globalThis.asked), 2);
  assert.equal(await visitor.page.locator('[data-do="persist"]:visible').count(), 0);
  assert.match(await (await keeps(visitor)).innerText(), /has agreed not to clear/);
});

test("a browser finds the page fit for the home screen, and the page then says no more of it", async (t) => {
  const visitor = await Visitor.arrives(t, town);
  await visitor.page.evaluate(() => navigator.serviceWorker.ready.then(() => null));
  const session = await visitor.context.newCDPSession(visitor.page);
  const { errors, data } = await session.send("Page.getAppManifest");
  assert.deepEqual(errors, []);
  const manifest = JSON.parse(data);
  for (const { src, sizes } of manifest.icons.filter(({ type }) => type === "image/png")) {
    const size = await visitor.page.evaluate(async (address) => {
      const { width, height } = await createImageBitmap(await (await fetch(address)).blob());
      return `${width}x${height}`;
    }, src);
    assert.equal(size, sizes, src);
  }
  const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
  assert.deepEqual(installabilityErrors, []);
  await keeps(visitor);
  assert.match(await visitor.page.innerText("main"), /Add to Home Screen/);
  // The browser has made its offer, and the page holds it.
  await visitor.page.locator('[data-do="install"]:visible').waitFor();

  const manifestId = `${town.url}/`;
  await session.send("PWA.install", { manifestId, installUrlOrBundleUrl: manifestId });
  await session.send("PWA.changeAppUserSettings", { manifestId, displayMode: "standalone" });
  const [app] = await Promise.all([
    visitor.context.waitForEvent("page"), session.send("PWA.launch", { manifestId })]);
  await visitor.isReady(app);
  await until("a window of its own", () => app.evaluate(() => matchMedia("(display-mode: standalone)").matches));
  await visitor.does("open-kept", app);
  await visitor.sees("kept", app);
  assert.doesNotMatch(await app.innerText("main"), /Add to Home Screen/);
});

for (const outcome of ["accepted", "dismissed"]) {
  test(`the browser's offer of the home screen is taken once, and may be ${outcome}`, async (t) => {
    const visitor = await Visitor.arrives(t, town);
    // The browser's own question waits for a person.
    await visitor.page.evaluate((answer) => {
      const offer = new Event("beforeinstallprompt", { cancelable: true });
      offer.prompt = () => {
        globalThis.asked = (globalThis.asked ?? 0) + 1;
        return Promise.resolve({ outcome: answer });
      };
      dispatchEvent(offer);
      globalThis.wasHeld = offer.defaultPrevented;
    }, outcome);
    await visitor.does("open-kept");
    await visitor.does("install");
    await visitor.page.locator('[data-do="install"]').waitFor({ state: "detached" });
    const words = await visitor.page.locator(".said").innerText();
    assert.equal(/is on your home screen/.test(words), outcome === "accepted", words);
    assert.deepEqual(await visitor.page.evaluate(() => [globalThis.wasHeld, globalThis.asked]), [true, 1]);
  });
}

test("a camera with a light has a button for it, and one without has none", async (t) => {
  const visitor = await Visitor.arrives(t, town);
  await visitor.does("scan");
  await visitor.page.locator("video:visible").waitFor();
  assert.equal(await visitor.page.locator('[data-do="light"]').count(), 0, "the fake camera has none");
  // No light is built into the machine: what a telephone's camera says of itself, and what it is told.
  await visitor.page.addInitScript(() => {
    const { getCapabilities } = MediaStreamTrack.prototype;
    globalThis.asked = [];
    MediaStreamTrack.prototype.getCapabilities = function () {
      return { ...getCapabilities.call(this), torch: true };
    };
    MediaStreamTrack.prototype.applyConstraints = function ({ advanced }) {
      globalThis.asked.push(advanced[0].torch);
      return globalThis.isBroken ? Promise.reject(new Error("broken")) : Promise.resolve();
    };
  });
  await visitor.goesHome();
  await visitor.does("scan");
  const light = visitor.page.locator('[data-do="light"]:visible');
  const press = async () => {
    await visitor.does("light");
    await visitor.page.locator('[data-do="light"]:not([aria-busy])').waitFor();
    return light.getAttribute("aria-pressed");
  };
  assert.deepEqual([await press(), await press()], ["true", "false"]);
  await visitor.page.evaluate(() => { globalThis.isBroken = true; });
  assert.equal(await press(), "false");
  assert.deepEqual(await visitor.page.evaluate(() => globalThis.asked), [true, false, true]);
});
