// Whose warnings a device gets: an authority that is not followed any more, and copies that would bring
// somebody else in its place.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { isOfTheLog } from "./front.mjs";
import { HOUR, Town, now } from "./town.mjs";
import { Visitor, typed } from "./visitor.mjs";

let town;
let bar;

before(async () => {
  town = await Town.open();
  bar = await town.venue("Bar Kurotsubaki");
});

after(() => town?.close());

async function keeps(visitor) {
  await visitor.goesHome();
  await visitor.does("open-kept");
  await visitor.sees("kept");
}

test("who has stopped following an authority does not check in as if it would warn them [WEB-22]", async (t) => {
  const visitor = await Visitor.arrives(t, town);
  await visitor.hasLooked();
  await visitor.checksIn(bar);
  await keeps(visitor);
  await visitor.does("unfollow");
  await visitor.page.locator('[data-do="unfollow"]').waitFor({ state: "detached" });
  await visitor.goesHome();
  await visitor.pastes(bar.link);
  await visitor.sees("arrive");
  await visitor.problem("other-authority");
  assert.equal(await visitor.page.locator('[data-do="check-in"]').count(), 0);
  assert.equal(await visitor.page.locator('[data-do="earlier"]').count(), 0);
  // Followed again, it warns.
  await visitor.does("follow");
  await visitor.sees("authority");
  await visitor.does("confirm-follow");
  await visitor.sees("arrive");
  await visitor.goesHome();
  const arrival = now() - 5 * HOUR;
  await visitor.wasThere(bar, arrival, arrival + HOUR);
  await town.warn(bar, arrival, arrival + HOUR);
  await visitor.looks();
  assert.equal((await visitor.notices()).length, 1);
});

test("an authority that is left in another tab takes no visit from a screen of before [WEB-22]", async (t) => {
  const visitor = await Visitor.arrives(t, town);
  await visitor.checksIn(bar);
  await visitor.goesHome();
  await visitor.checksOut();
  const other = await town.venue("Kissa Fuji");
  await visitor.pastes(other.link);
  await visitor.sees("arrive");
  const tab = await visitor.context.newPage();
  await visitor.opens(`${town.url}/`, tab);
  await visitor.does("open-kept", tab);
  await visitor.does("unfollow", tab);
  await tab.locator('[data-do="unfollow"]').waitFor({ state: "detached" });
  await visitor.does("check-in");
  await visitor.problem("other-authority");
  await visitor.goesHome();
  assert.equal(await visitor.page.locator("[data-visit]:visible").count(), 0);
});

/** Gives a copy to the page, and presses the button. */
async function readsIn(visitor, copy) {
  const file = `${visitor.folder}/copy.bin`;
  await writeFile(file, JSON.stringify(copy));
  await keeps(visitor);
  await visitor.page.locator('[data-do="choose-export"]').setInputFiles(file);
  await visitor.does("import");
}

test("a copy shows whom it follows, and brings no impostor of an authority that is known [WEB-23]", async (t) => {
  // By the same name and origin, at another address; and one that nothing here contradicts.
  const fake = await Town.open({ name: "Health office" });
  t.after(() => fake.close());
  const harbour = await Town.open({ name: "Harbour office" });
  t.after(() => harbour.close());
  const profileOf = async (of) => (await of.office.read("profile")).toString("base64");
  const visitor = await Visitor.arrives(t, town);
  await visitor.checksIn(bar);
  await keeps(visitor);
  const [download] = await Promise.all([visitor.page.waitForEvent("download"), visitor.does("export")]);
  const good = JSON.parse(await readFile(await download.path(), "utf8"));
  for (const profiles of [[await profileOf(fake)], [await profileOf(fake), ...good.profiles], [...good.profiles, await profileOf(fake)]]) {
    await readsIn(visitor, { ...good, profiles });
    await visitor.problem("refused-log");
    assert.equal(await visitor.page.locator('[data-do="confirm-import"]').count(), 0);
  }
  // On a device that keeps nothing as well: whose page it is, is known.
  const fresh = await Visitor.arrives(t, town);
  await fresh.hasLooked();
  await readsIn(fresh, { ...good, profiles: [await profileOf(fake)] });
  await fresh.problem("refused-log");

  // Another authority is named, and so is the one that would warn no more.
  for (const visitors of [visitor, fresh]) {
    await readsIn(visitors, { ...good, profiles: [await profileOf(harbour)] });
    const asked = await visitors.page.locator('[data-do="confirm-import"]').locator("xpath=../..").innerText();
    const digits = asked.replaceAll(/\s/g, "");
    assert.ok(asked.includes("Harbour office") && digits.includes((await harbour.fingerprint()).replaceAll(/\s/g, "")), asked);
    assert.equal(asked.includes("Health office"), visitors === visitor, asked);
    await visitors.does("cancel");
  }
  await visitor.goesHome();
  const asked = await town.front.during(() => visitor.looks());
  assert.ok(asked.some(({ url }) => isOfTheLog(url)), "it follows whom it followed");

  await readsIn(visitor, { ...good, profiles: [await profileOf(harbour)] });
  await visitor.confirms("import");
  await visitor.sees("home");
  await keeps(visitor);
  const words = await visitor.page.innerText("main");
  assert.ok(words.includes("Harbour office"));
  await visitor.goesHome();
  await visitor.pastes(bar.link);
  await visitor.sees("arrive");
  await visitor.problem("other-authority");
});

test("a page that is hosted elsewhere takes the authority alone whose fingerprint it names [WEB-24]", async (t) => {
  const fingerprint = await town.fingerprint();
  // Beside such a page is no authority: where it is, a file says.
  const named = (second) => {
    town.front.change = ({ url }, answer) => {
      if (url === "/v1/authority") {
        return { status: 404, headers: {}, body: Buffer.from("") };
      }
      if (url === "/authority.txt") {
        return { status: 200, headers: { "content-type": "text/plain" }, body: Buffer.from(`${town.url}/there\n${second}\n`) };
      }
      return url === "/there/v1/authority" ? { status: 200, headers: {}, body: profile } : answer;
    };
  };
  const profile = await town.office.read("profile");
  const visitor = await Visitor.arrives(t, town);
  const isTaken = async () => {
    await visitor.opens();
    await visitor.hasLooked();
    await visitor.does("open-kept");
    const state = await visitor.page.evaluate(async () => (await import("./phone.js")).ask("state", {}));
    return state.own !== null;
  };
  try {
    for (const [second, expected] of [
      ["", true],
      [fingerprint, true],
      [fingerprint.toUpperCase().replaceAll(/(....)/g, "$1 "), true],
      [fingerprint.replace(/^./, (digit) => (digit === "0" ? "1" : "0")), false],
      ["none", false],
    ]) {
      named(second);
      assert.equal(await isTaken(), expected, second);
    }
  } finally {
    town.front.change = null;
  }
});

test("a lock closes what other tabs show [WEB-4]", async (t) => {
  const visitor = await Visitor.arrives(t, town);
  await visitor.checksIn(bar);
  await keeps(visitor);
  await visitor.fills("passphrase", "seven blue curtains");
  await visitor.does("set-passphrase");
  await visitor.page.locator('[data-do="lock"]').waitFor();
  const opened = await visitor.context.newPage();
  await visitor.opens(`${town.url}/`, opened);
  await visitor.fills("passphrase", "seven blue curtains", opened);
  await visitor.does("unlock", opened);
  await visitor.sees("home", opened);
  await visitor.does("scan", opened);
  await visitor.fills("link", bar.link, opened);
  await visitor.does("read-link", opened);
  await visitor.sees("arrive", opened);
  const slip = await visitor.context.newPage();
  await visitor.opens(`${town.url}/`, slip);
  await visitor.fills("passphrase", "seven blue curtains", slip);
  await visitor.does("unlock", slip);
  await visitor.sees("home", slip);
  await visitor.does("open-slip", slip);
  await visitor.fills("from", typed(now() - HOUR), slip);
  await visitor.does("lock");
  for (const page of [visitor.page, opened, slip]) {
    await visitor.sees("locked", page);
  }
  // A code that is opened while it is locked can be read.
  await visitor.opens(bar.link, opened);
  await visitor.sees("arrive", opened);
});

test("a link whose host no browser takes for one is no code [WEB-1]", async (t) => {
  const visitor = await Visitor.arrives(t, town);
  for (const start of ["http:///", "http://[::/", "", "//evil.example/", "javascript:alert(1)", "data:text/html,x"]) {
    await visitor.pastes(`${start}?v=3#${bar.payload}`);
    await visitor.problem("not-a-code");
    await visitor.goesHome();
  }
});

test("a link that is opened over a new trace code asks once, and nothing is lost [WEB-9]", async (t) => {
  const visitor = await Visitor.arrives(t, town);
  await visitor.does("open-owner");
  await visitor.does("set-up");
  await visitor.fills("name", "Bar Noren");
  await visitor.fills("address", "7-8-9 Aobadai");
  await visitor.does("make");
  await visitor.sees("print");
  for (let time = 0; time < 2; time += 1) {
    await visitor.page.evaluate((payload) => { location.hash = payload; }, bar.payload);
    await visitor.page.locator("dialog").first().waitFor();
    await visitor.page.waitForTimeout(500);
    assert.equal(await visitor.page.locator("dialog").count(), 1);
    await visitor.page.locator('dialog [data-do="stay"]').click();
    await visitor.page.locator("dialog").waitFor({ state: "detached" });
    await visitor.sees("print");
  }
  await visitor.page.evaluate((payload) => { location.hash = payload; }, bar.payload);
  await visitor.page.locator('dialog [data-do="leave"]').click();
  // The tab's address has no query, and a poster's link has one.
  await visitor.sees("problem");
});

test("a sign in a name that draws nothing is shown [WEB-25]", async (t) => {
  const visitor = await Visitor.arrives(t, town);
  for (const [name, shown] of [
    ["Bar\u{200b} Noren", "Bar\u{fffd} Noren"],
    ["Tea\u{200f} Noren", "Tea\u{fffd} Noren"],
    ["Pub\u{e0041}\u{e0042} Noren", "Pub\u{fffd}\u{fffd} Noren"],
    ["\u{3164}Bar Noren", "\u{fffd}Bar Noren"],
    ["\u{645}\u{6cc}\u{200c}\u{62e}\u{627}\u{646}\u{647} \u{1f468}\u{200d}\u{1f373}", "\u{645}\u{6cc}\u{200c}\u{62e}\u{627}\u{646}\u{647} \u{1f468}\u{200d}\u{1f373}"],
  ]) {
    const venue = await town.venue(name);
    await visitor.goesHome();
    await visitor.pastes(venue.link);
    const words = await (await visitor.sees("arrive")).innerText();
    assert.ok(words.includes(shown), words);
  }
});
