// Somebody who has never seen Noren stands at a door: what the page weighs, and how long the way from the
// code to the confirmation is. Times are printed and hold nothing up: machines differ.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { after, before, test } from "node:test";

import { show } from "./camera.mjs";
import { Town, until } from "./town.mjs";
import { Visitor } from "./visitor.mjs";

/** What a first load may weigh, as it is packed, without scanner and press. */
const HEAVIEST = 300_000;
/** Where pictures of the way are wanted. */
const PICTURES = process.env.NOREN_PICTURES;

let town;
let bar;

before(async () => {
  town = await Town.open();
  bar = await town.venue("Bar Kurotsubaki", { more: ["--kind", "bar", "--stay", "90m"] });
});

after(() => town?.close());

test("the first load weighs less than 300 kB, and the scanner comes when it is wanted [WEB-11]", async (t) => {
  // Without its service worker, which fetches the rest when nobody waits any more.
  const visitor = await Visitor.create({ more: { serviceWorkers: "block" } }, new Visitor());
  t.after(() => visitor.remove());
  visitor.town = town;
  const sent = [];
  const isThere = (part) => sent.some(([url]) => url.includes(part));
  town.front.change = ({ url }, answer) => {
    sent.push([url, answer.body.length]);
    return answer;
  };
  try {
    await visitor.opens(bar.link);
    await visitor.sees("arrive");
    const weight = sent.reduce((sum, [, length]) => sum + length, 0);
    t.diagnostic(`first load: ${weight} bytes in ${sent.length} files`);
    assert.ok(isThere("noren_wasm_bg.wasm"));
    assert.ok(weight < HEAVIEST, `${weight} bytes: ${sent.map((each) => each.join(" ")).join("\n")}`);
    assert.deepEqual(["noren_scanner", "noren_press", "fonts/", "owner"].filter(isThere), []);
    await visitor.goesHome();
    await visitor.does("scan");
    await until("the scanner comes", () => isThere("noren_scanner_bg.wasm"));
  } finally {
    town.front.change = null;
  }
});

const WAYS = {
  /** The phone's own camera opens the poster's link. */
  link: async (visitor) => {
    await visitor.page.goto(bar.link);
  },
  /** The page is on the home screen; its scanner is opened before the poster. */
  scanner: async (visitor) => {
    await visitor.opens();
    await visitor.does("scan");
  },
};

for (const [language, width] of [["ja", 390], ["en", 390], ["ja", 320], ["en", 320]]) {
  for (const [name, begin] of Object.entries(WAYS)) {
    test(`by ${name}, ${language}, ${width} pixels: one press from the code to the confirmation`, async (t) => {
      const visitor = await Visitor.create({ language, width }, new Visitor());
      t.after(() => visitor.remove());
      visitor.town = town;
      await show(visitor.camera, await bar.poster());
      const read = [];
      const sees = async (screen) => {
        const shown = await visitor.sees(screen);
        read.push(`${screen} ${length(await shown.innerText(), language)}`);
        if (PICTURES) {
          await mkdir(PICTURES, { recursive: true });
          await visitor.page.screenshot({ path: `${PICTURES}/way-${name}-${screen}-${language}-${width}.png` });
        }
      };
      const start = performance.now();
      await begin(visitor);
      const press = visitor.page.locator('[data-do="check-in"]:visible');
      await press.waitFor();
      const there = performance.now();
      await sees("arrive");
      // Nobody scrolls to the one button.
      const { bottom, height } = await press.evaluate((node) => (
        { bottom: node.getBoundingClientRect().bottom, height: innerHeight }));
      assert.ok(bottom <= height, `the button ends at ${bottom} of ${height} pixels`);
      const pressed = performance.now();
      await press.click();
      await visitor.page.locator('[data-screen="confirmed"]:visible').waitFor();
      const confirmed = performance.now();
      await sees("confirmed");
      t.diagnostic(`${name}, ${language}, ${width}: ${Math.round(there - start)} ms to the button, `
        + `${Math.round(confirmed - pressed)} ms from the press to the confirmation; to read: ${read.join(", ")}`);
    });
  }
}

test("by link, on a slow network and a slow telephone", async (t) => {
  const visitor = await Visitor.create({ language: "ja" }, new Visitor());
  t.after(() => visitor.remove());
  const session = await visitor.context.newCDPSession(visitor.page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  town.front.change = slowly();
  try {
    const start = performance.now();
    await visitor.page.goto(bar.link, { waitUntil: "commit" });
    await visitor.page.locator('[data-do="check-in"]:visible').waitFor({ timeout: 60_000 });
    const there = performance.now();
    await visitor.does("check-in");
    await visitor.sees("confirmed");
    const confirmed = performance.now();
    t.diagnostic(`150 ms away, 1.6 Mbit/s, a quarter of this processor: ${Math.round(there - start)} ms to the `
      + `button, ${Math.round(confirmed - there)} ms from the press to the confirmation`);
  } finally {
    town.front.change = null;
  }
});

/** Answers as a telephone gets them at the edge of a cell: late, and one after the other. */
function slowly(latency = 150, bytesInMillisecond = 200) {
  const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  let line = Promise.resolve();
  return async (_, answer) => {
    await pause(latency);
    line = line.then(() => pause(answer.body.length / bytesInMillisecond));
    await line;
    return answer;
  };
}

/** How much there is to read: words, or characters where none are between spaces. */
function length(text, language) {
  const plain = text.replaceAll(/\s+/g, " ").trim();
  return language === "ja" ? `${plain.replaceAll(" ", "").length} characters` : `${plain.split(" ").length} words`;
}
