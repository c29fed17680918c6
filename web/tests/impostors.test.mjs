// Whose warnings a device gets: an authority that is not followed any more, and copies that would bring
// somebody else in its place.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { isOfTheLog } from "./front.mjs";
import { HOUR, Town, now } from "./town.mjs";
import { Visitor } from "./visitor.mjs";

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
