// What the other tests rest on: the town works by its programs alone, the camera sees what it is shown,
// and what lies in a browser's files is found there.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { Browser, forms, formsOfPayload, search } from "./browser.mjs";
import { VIEWS, show } from "./camera.mjs";
import { Front } from "./front.mjs";
import { Person, does } from "./person.mjs";
import { HOUR, Town, at, freePort, now } from "./town.mjs";

let town;
let bar;

before(async () => {
  town = await Town.open();
  bar = await town.venue("Bar Noren");
});

after(() => town?.close());

test("a visitor with the command line is warned, corrected and told of a withdrawal", async () => {
  const visitor = new Person(`${town.folder}/visitor`);
  await visitor.json(["visitor", "follow", town.url]);
  const arrival = now() - 5 * HOUR;
  await visitor.json(["visitor", "check-in", bar.link, "--at", at(arrival), "--for", "90m"]);
  const opened = await town.warn(bar, arrival, arrival + HOUR);
  const news = async () => {
    const ran = await visitor.noren(["--json", "visitor", "sync"]);
    return JSON.parse(ran.out).map((notice) => [notice.level, notice.withdrawn ?? false]);
  };
  assert.equal((await news()).length, 1);
  await town.correct(opened, "cluster");
  assert.deepEqual((await news()).map(([level]) => level), ["cluster"]);
  await town.withdraw(opened);
  assert.equal((await news()).length, 1);
  await town.rotateKeys();
  assert.deepEqual(await news(), []);
});

test("another history of one log, and an old one, are refused by the command line as well", async (t) => {
  const visitor = new Person(`${town.folder}/visitor-of-the-fork`);
  await visitor.json(["visitor", "follow", town.url]);
  const sync = async () => (await visitor.noren(["visitor", "sync"])).code;
  const end = now() - 10 * HOUR;
  const early = await town.answerOf("/checkpoint");
  const fork = await town.fork();
  t.after(() => fork.close());
  await town.warn(bar, end - HOUR, end);
  assert.equal(await sync(), 1);
  town.front.change = ({ url }, answer) => (url === "/checkpoint" ? { ...answer, body: early } : answer);
  assert.equal(await sync(), 3);
  town.front.change = null;
  town.front.turnTo(fork.behind);
  await fork.warn(bar, end - 3 * HOUR, end - 2 * HOUR);
  await fork.warn(bar, end - 5 * HOUR, end - 4 * HOUR);
  assert.equal(await sync(), 3);
  town.front.turnTo(town.behind);
  assert.equal(await sync(), 1);
});

test("the camera sees a poster in every light", async () => {
  const picture = await bar.poster();
  for (const view of Object.keys(VIEWS)) {
    const camera = `${town.folder}/camera.y4m`;
    await show(camera, picture, view);
    const frame = `${town.folder}/frame.png`;
    await does("ffmpeg", ["-y", "-loglevel", "error", "-i", camera, "-frames:v", "1", frame]);
    assert.equal((await does("zbarimg", ["-q", "--raw", frame])).trim(), bar.link, view);
  }
});

test("an address and what a page stores in clear are found in a browser's files", async (t) => {
  const browser = await Browser.create();
  t.after(() => browser.remove());
  const port = await freePort();
  const front = new Front(port, port, { folder: browser.folder, connect: [] });
  await writeFile(`${browser.folder}/index.html`, "<!doctype html><title>Careless</title>");
  await front.open();
  t.after(() => front.close());
  await browser.page.goto(`http://127.0.0.1:${port}/#${bar.payload}`);
  await browser.page.evaluate((payload) => new Promise((resolve) => {
    const opening = indexedDB.open("in clear", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("things");
    opening.onsuccess = () => {
      const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")),
        (letter) => letter.charCodeAt(0));
      const change = opening.result.transaction("things", "readwrite");
      change.objectStore("things").put(bytes, "bytes");
      change.objectStore("things").put("バー暖簾", "name");
      change.oncomplete = resolve;
    };
  }), bar.payload);
  await browser.writesHistory(bar.payload);
  await browser.stop();
  const found = await search(browser.profile, formsOfPayload(bar.payload));
  assert.ok(found.some((place) => /UTF-\d+ in Default.(History|Sessions)/.test(place)), String(found));
  assert.ok(found.some((place) => /bytes in Default.IndexedDB/.test(place)), String(found));
  const names = await search(browser.profile, forms("バー暖簾"));
  assert.ok(names.some((place) => /UTF-16 in Default.IndexedDB/.test(place)), String(names));
});
