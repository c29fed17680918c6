// What browsers write down by themselves: the state of fields and forms, to show them again after a
// crash, in files that the page cannot reach.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { until } from "./browser.mjs";
import { HOUR, Town, now } from "./town.mjs";
import { Visitor, typed } from "./visitor.mjs";

let town;
let bar;

before(async () => {
  town = await Town.open();
  bar = await town.venue("Bar Kurotsubaki");
});

after(() => town?.close());

/** Waits until the browser has written the state of its tabs, ends it, and reads what it wrote. */
async function sessionOf(visitor) {
  const folder = join(visitor.profile, "Default", "Sessions");
  const read = async () => Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name))));
  // It writes some seconds after something has changed.
  await visitor.page.waitForTimeout(4_000);
  await visitor.page.evaluate(() => history.replaceState("written", ""));
  await until("the browser writes the state of its tabs", async () => (
    (await read()).some((bytes) => bytes.includes(Buffer.from("written", "utf16le"))
      || bytes.includes("written"))), 20_000);
  await visitor.stop();
  return read();
}

/** Which of these texts stand there; a time is written piece by piece, of which the year is long enough. */
function found(files, words) {
  const pieces = words.map((word) => (/^\d{4}-/.test(word) ? word.slice(0, 4) : word));
  return pieces.filter((piece) => files.some((bytes) => (
    bytes.includes(Buffer.from(piece, "utf16le")) || bytes.includes(piece))));
}

/** Each field is written with its sort. */
const SORTS = ["datetime-local", "textarea", "select-one", "select-multiple", "checkbox", "password"];

const WAYS = {
  "the times of an earlier visit": async (visitor, [from, to]) => {
    await visitor.pastes(bar.link);
    await visitor.sees("arrive");
    await visitor.does("earlier");
    await visitor.fills("from", from);
    await visitor.fills("to", to);
    return [from, to];
  },
  "the times that a screen only proposes": async (visitor) => {
    await visitor.pastes(bar.link);
    await visitor.sees("arrive");
    return [];
  },
  "the times of a slip": async (visitor, [from, to]) => {
    await visitor.does("open-slip");
    await visitor.fills("link", bar.link);
    await visitor.fills("from", from);
    await visitor.fills("to", to);
    return [from, to, bar.payload];
  },
  "an authority's address": async (visitor) => {
    await visitor.does("open-kept");
    await visitor.fills("address", "https://kakurega.example");
    return ["kakurega"];
  },
  "a passphrase": async (visitor) => {
    await visitor.checksIn(bar);
    await visitor.goesHome();
    await visitor.does("open-kept");
    await visitor.fills("passphrase", "seven blue curtains");
    return ["seven blue curtains"];
  },
  "a venue that is being set up": async (visitor) => {
    await visitor.does("open-owner");
    await visitor.does("set-up");
    await visitor.fills("name", "Clinic Himitsu");
    await visitor.fills("address", "1-1 Kakureda");
    await visitor.page.locator('[data-field="kind"]:visible').selectOption("bar");
    return ["Himitsu", "Kakureda"];
  },
  "a trace code": async (visitor) => {
    await visitor.opensAnswer();
    await visitor.does("open-paste-sheet");
    await visitor.fills("trace", bar.trace);
    return [bar.trace];
  },
  "upload codes": async (visitor) => {
    await visitor.opensAnswer();
    await visitor.does("open-paste-sheet");
    await visitor.fills("trace", bar.trace);
    await visitor.does("read-sheet");
    await visitor.fills("upload-code", "ABCDEF-GHJKMN-PQRSTV");
    return ["ABCDEF-GHJKMN-PQRSTV", bar.trace];
  },
};

for (const [what, way] of Object.entries(WAYS)) {
  test(`the browser does not write down ${what} [WEB-19]`, async (t) => {
    const visitor = await Visitor.arrives(t, town);
    const words = await way(visitor, [typed(now() - 52 * HOUR), typed(now() - 50 * HOUR)]);
    const files = await sessionOf(visitor);
    assert.deepEqual(found(files, [...words, ...SORTS]), []);
  });
}
