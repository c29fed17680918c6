// A visitor's whole way through the page, in a real browser, with posters, publications and withdrawals
// that the real programs make.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { after, before, test } from "node:test";

import { forms, formsOfPayload, search, until } from "./browser.mjs";
import { VIEWS } from "./camera.mjs";
import { smallDisk } from "./disk.mjs";
import { isOfTheLog } from "./front.mjs";
import { does } from "./person.mjs";
import { ADDRESS, DAY, HOUR, MINUTE, Town, now } from "./town.mjs";
import { Visitor, typed } from "./visitor.mjs";

let harbour;
let town;
let bar;
let cafe;

before(async () => {
  harbour = await Town.open({ name: "Harbour office" });
  town = await Town.open({ connect: [harbour.url] });
  bar = await town.venue("Bar Kurotsubaki", { more: ["--kind", "bar"] });
  cafe = await town.venue("Kissa Fuji");
});

after(async () => {
  await town?.close();
  await harbour?.close();
});

/** Nothing that was ever asked of a server tells of a venue. */
function assertNothingIsTold(of, ...venues) {
  for (const { method, url, headers, body } of of.front.requests) {
    for (const venue of venues) {
      const told = [url, ...headers].some((text) => text.includes(venue.payload))
        || Object.values({ ...formsOfPayload(venue.payload), ...forms(venue.name) })
          .some((bytes) => body.includes(bytes));
      assert.ok(!told, `${method} ${url} tells of ${venue.name}`);
    }
  }
}

/** What was asked, without what differs between two connections. */
function asked(requests) {
  return requests.map(({ method, url, headers, body }) => (
    [method, url, ...headers, body.toString("base64")].join("\n")));
}

for (const view of Object.keys(VIEWS)) {
  test(`a poster that is seen ${view} is read by the page's own scanner`, async (t) => {
    const visitor = await Visitor.arrives(t, town);
    const arrived = await visitor.scans(await bar.poster(), { view });
    const words = await arrived.innerText();
    assert.match(words, /Bar Kurotsubaki/);
    assert.match(words, /7-8-9 Aobadai/);
    assert.match(words, /Health office/);
    assert.deepEqual(visitor.elsewhere, []);
  });
}

test("a scanned visit is in no request and in none of the browser's files [WEB-1] [WEB-2] [WEB-4]", async (t) => {
  const visitor = await Visitor.arrives(t, town);
  const requests = await town.front.during(async () => {
    await visitor.scans(await bar.poster());
    await visitor.does("check-in");
    const confirmed = await visitor.sees("confirmed");
    assert.match(await confirmed.innerText(), /Bar Kurotsubaki/);
  });
  const toTheLog = requests.filter(({ url }) => isOfTheLog(url) && !url.startsWith("/v1/authority"));
  assert.deepEqual(toTheLog.map(({ url }) => url), [], "checking in asks nothing of the log");
  // The confirmation is still there after a reload, as an open visit.
  await visitor.goesHome();
  assert.match(await (await visitor.sees("home")).innerText(), /Bar Kurotsubaki/);
  await visitor.stop();
  const inTheFiles = { ...formsOfPayload(bar.payload), ...forms("Bar Kurotsubaki"), ...forms(ADDRESS) };
  assert.deepEqual(await search(visitor.profile, inTheFiles), []);

  await visitor.comesBack();
  assert.match(await (await visitor.sees("home")).innerText(), /Bar Kurotsubaki/);
  await visitor.checksOut();
  assert.doesNotMatch(await (await visitor.sees("home")).innerText(), /Bar Kurotsubaki/);
  await visitor.stop();
  assert.deepEqual(await search(visitor.profile, inTheFiles), []);
  assertNothingIsTold(town, bar);
});

test("a link leaves the address bar, and only the browser's own history keeps it [WEB-1]", async (t) => {
  const visitor = await Visitor.arrives(t, town);
  await visitor.opens(bar.link);
  const arrived = await visitor.sees("arrive");
  assert.ok(!visitor.page.url().includes("#"), visitor.page.url());
  assert.ok(!(await visitor.page.title()).includes("Bar Kurotsubaki"));
  assert.equal(await visitor.page.evaluate(() => JSON.stringify(history.state) ?? ""), "null");
  assert.match(await arrived.innerText(), /history/i, "it says that the browser keeps the link");
  await visitor.does("check-in");
  await visitor.sees("confirmed");
  // Should a browser stop to keep links, the page need not warn any more.
  await visitor.writesHistory(bar.payload);
  await visitor.stop();
  const found = await search(visitor.profile, { ...formsOfPayload(bar.payload), ...forms("Bar Kurotsubaki") });
  const stored = found.filter((place) => (
    /IndexedDB|Local Storage|Session Storage|Service Worker|Cache|File System|WebStorage/.test(place)));
  assert.deepEqual(stored, []);
  assertNothingIsTold(town, bar);
});

test("nothing is kept before the button is pressed [WEB-2]", async (t) => {
  const visitor = await Visitor.arrives(t, town);
  await visitor.pastes(bar.link);
  await visitor.sees("arrive");
  await visitor.goesHome();
  assert.doesNotMatch(await (await visitor.sees("home")).innerText(), /Bar Kurotsubaki/);
});

test("without a network, check-in and check-out work as ever [WEB-6]", async (t) => {
  const visitor = await Visitor.arrives(t, town);
  await visitor.page.evaluate(() => navigator.serviceWorker.ready.then(() => null));
  await visitor.opens();
  await until("the page is there without a network", () => visitor.page.evaluate(() => (
    navigator.serviceWorker.controller !== null)));
  await town.front.close();
  try {
    await visitor.opens();
    await visitor.scans(await bar.poster());
    await visitor.does("check-in");
    await visitor.sees("confirmed");
    await visitor.goesHome();
    await visitor.checksOut();
    assert.doesNotMatch(await (await visitor.sees("home")).innerText(), /Bar Kurotsubaki/);
  } finally {
    await town.front.open();
  }
  // What the service worker keeps are the page's files, and no answer of the log.
  const kept = await visitor.page.evaluate(async () => {
    const addresses = [];
    for (const name of await caches.keys()) {
      for (const request of await (await caches.open(name)).keys()) {
        addresses.push(new URL(request.url));
      }
    }
    return addresses.map(({ pathname, search: query, hash }) => pathname + query + hash);
  });
  assert.ok(kept.length > 3, String(kept));
  assert.deepEqual(kept.filter((path) => /^\/(checkpoint|tile|v1|v3)|[#]/.test(path)), []);
});

test("the page is kept whole or not at all [WEB-6]", async (t) => {
  const visitor = await Visitor.create({}, new Visitor());
  t.after(() => visitor.remove());
  visitor.town = town;
  const spoilt = [];
  town.front.change = ({ url, headers }, answer) => {
    if (!url.endsWith(".css")) {
      return answer;
    }
    spoilt.push(headers.join("\n"));
    // Whole and unpacked, since a browser passes over what follows a packed body.
    return { status: 200, headers: { "content-type": "text/css" }, body: Buffer.from("/* another */\n") };
  };
  const kept = () => visitor.page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    const inUse = Boolean(registration?.active ?? registration?.waiting);
    return { inUse, isTrying: Boolean(registration?.installing), caches: (await caches.keys()).length };
  });
  try {
    await visitor.opens();
    // Asked for twice: by the page, and by the service worker, which compares.
    await until("the service worker has given up", async () => (
      spoilt.length >= 2 && !(await kept()).isTrying));
    assert.deepEqual(await kept(), { inUse: false, isTrying: false, caches: 0 });
  } finally {
    town.front.change = null;
  }
  await visitor.opens();
  await visitor.page.evaluate(() => navigator.serviceWorker.ready.then(() => null));
  assert.equal((await kept()).caches, 1);
});

test("a visit of yesterday is warned of, corrected and withdrawn; a visitor elsewhere learns nothing [WEB-3]", async (t) => {
  // Yesterday: both check in, by devices whose clocks say so, and one of them checks out.
  const guest = await Visitor.arrives(t, town, { clockOff: -DAY });
  const other = await Visitor.arrives(t, town, { clockOff: -DAY });
  const arrival = now() - DAY;
  await guest.checksIn(bar);
  await other.checksIn(cafe);
  await guest.goesHome();
  await guest.checksOut();
  await guest.stop();
  await other.stop();

  // Today.
  await guest.comesBack();
  await other.comesBack();
  assert.doesNotMatch(await (await guest.sees("home")).innerText(), /Bar Kurotsubaki/);
  await guest.looks();
  await other.looks();
  const opened = await town.warn(bar, arrival - HOUR, arrival + HOUR);
  const warned = await town.front.during(() => guest.looks());
  const unwarned = await town.front.during(() => other.looks());
  assert.ok(warned.some(({ url }) => url.startsWith("/tile/")), asked(warned).join("\n\n"));
  assert.deepEqual(asked(warned), asked(unwarned));
  const noCredentials = warned.flatMap(({ headers }) => headers).filter((text) => (
    /^(cookie|referer|authorization)$/i.test(text)));
  assert.deepEqual(noCredentials, []);

  const [notice, ...more] = await guest.notices();
  assert.deepEqual(more, []);
  assert.equal(notice.level, "attention");
  assert.match(notice.words, /Health office/);
  assert.deepEqual(await other.notices(), []);

  // Read, and left again.
  await guest.does("open-notices");
  await guest.sees("notices");
  await guest.does("home");
  await until("the notice is no news", async () => (await guest.notices())[0]?.news === null);

  await town.correct(opened, "cluster");
  assert.deepEqual(asked(await town.front.during(() => guest.looks())),
    asked(await town.front.during(() => other.looks())));
  const [corrected] = await guest.notices();
  assert.deepEqual([corrected.level, corrected.news], ["cluster", "changed"]);

  // Opened anew: what the page asks then depends on no notice either.
  const anew = (visitor) => town.front.during(async () => {
    await visitor.goesHome();
    await visitor.hasLooked();
  });
  const ofTheLog = (requests) => asked(requests.filter(({ url }) => isOfTheLog(url)));
  const opening = ofTheLog(await anew(guest));
  assert.ok(opening.length > 0);
  assert.deepEqual(opening, ofTheLog(await anew(other)));

  await town.withdraw(opened);
  await guest.looks();
  await other.looks();
  assert.equal((await guest.notices())[0].news, "withdrawn");
  assert.deepEqual(await other.notices(), []);

  await guest.stop();
  assert.deepEqual(await search(guest.profile, formsOfPayload(bar.payload)), []);
  assertNothingIsTold(town, bar, cafe);
});

test("who was there earlier says so, and is warned; who forgets it all is not", async (t) => {
  const [guest, forgetful] = [await Visitor.arrives(t, town), await Visitor.arrives(t, town)];
  const arrival = now() - 5 * HOUR;
  await guest.wasThere(cafe, arrival, arrival + HOUR);
  await forgetful.wasThere(cafe, arrival, arrival + HOUR);
  await forgetful.does("open-kept");
  await forgetful.does("forget-all");
  await forgetful.confirms("forget-all");
  await forgetful.goesHome();
  await town.warn(cafe, arrival, arrival + HOUR, { level: "cluster" });
  await guest.looks();
  assert.equal((await guest.notices()).length, 1);
  await forgetful.opens();
  assert.deepEqual(await forgetful.notices(), []);
});

test("a notice is removed after a second question [WEB-15]", async (t) => {
  const venue = await town.venue("Kissa Ume");
  const visitor = await Visitor.arrives(t, town);
  const arrival = now() - 5 * HOUR;
  await visitor.wasThere(venue, arrival, arrival + HOUR);
  await town.warn(venue, arrival, arrival + HOUR);
  await visitor.looks();
  await visitor.does("open-notices");
  await visitor.sees("notices");
  await visitor.does("dismiss");
  await visitor.does("cancel");
  assert.equal((await visitor.notices()).length, 1);
  assert.equal(await visitor.page.locator('[data-do="print"]:visible').count(), 1);
  await visitor.does("dismiss");
  await visitor.confirms("dismiss");
  await visitor.page.locator("[data-notice]").waitFor({ state: "detached" });
  assert.equal(await visitor.page.locator('[data-do="print"]').count(), 0);
  await visitor.goesHome();
  assert.deepEqual(await visitor.notices(), []);
});

test("times name their zone where the clocks of device and authority differ [WEB-18]", async (t) => {
  const venue = await town.venue("Kissa Sumire");
  const arrival = now() - 5 * HOUR;
  await town.warn(venue, arrival, arrival + HOUR);
  const there = "Asia/Tokyo"; // of the policy "plain"
  for (const zone of [there, "Pacific/Kiritimati"]) {
    const visitor = await Visitor.arrives(t, town, { more: { timezoneId: zone } });
    const typedThere = (time) => new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" })
      .format(time * 1000).replace(" ", "T");
    await visitor.hasLooked();
    await visitor.pastes(venue.link);
    await visitor.does("earlier");
    await visitor.fills("from", typedThere(arrival));
    await visitor.fills("to", typedThere(arrival + HOUR));
    await visitor.does("check-in-earlier");
    const confirmed = await (await visitor.sees("confirmed")).innerText();
    assert.equal(confirmed.includes(`(${zone})`), zone !== there, confirmed);
    // The page offers to look, and does not by itself: a check-in makes no request.
    await visitor.does("look-now");
    await visitor.hasLooked();
    const [notice] = await visitor.notices();
    assert.equal(notice.words.includes(`(${there})`), zone !== there, notice.words);
    await visitor.does("open-slip");
    const slip = await (await visitor.sees("slip")).innerText();
    assert.equal(slip.includes(`(${zone})`), zone !== there, slip);
  }
});

test("a visit that no code or device could keep says why", async (t) => {
  const young = await town.venue("New Bar", { from: now() - 3 * HOUR });
  const old = await town.venue("Old Bar", { from: now() - 40 * DAY });
  const visitor = await Visitor.arrives(t, town);
  for (const [venue, arrival, problem] of [
    [young, now() - DAY, "before-valid"],
    [old, now() - 30 * DAY, "too-old"],
    [old, now() + DAY, "wrong-time"],
  ]) {
    await visitor.pastes(venue.link);
    await visitor.sees("arrive");
    await visitor.does("earlier");
    await visitor.fills("from", typed(arrival));
    await visitor.fills("to", typed(arrival + HOUR));
    await visitor.does("check-in-earlier");
    await visitor.problem(problem);
    await visitor.goesHome();
  }
  await visitor.does("open-slip");
  await visitor.does("check-slip");
  await visitor.problem("no-link");
});

test("a code that was scanned from a slip leads on to its check", async (t) => {
  const visitor = await Visitor.arrives(t, town);
  await visitor.pastes(bar.link);
  await visitor.sees("arrive");
  await visitor.does("is-slip");
  const slip = await visitor.sees("slip");
  assert.match(await slip.innerText(), new RegExp(bar.name));
  assert.equal(await slip.locator('[data-field="link"]').inputValue(), bar.link);
  await visitor.does("check-slip");
  await visitor.page.locator("[data-slip]:visible").waitFor();
});

test("a reminder is saved for evenings that are to come [WEB-7]", async (t) => {
  const visitor = await Visitor.arrives(t, town);
  for (const [time, evening] of [["2031-05-04T18:59:00", "20310504T190000"], ["2031-05-04T19:00:00", "20310505T190000"]]) {
    await visitor.goesHome();
    await visitor.page.clock.setFixedTime(new Date(`${time}+09:00`));
    await visitor.does("open-kept");
    const [download] = await Promise.all([visitor.page.waitForEvent("download"), visitor.does("calendar")]);
    const saved = await readFile(await download.path(), "utf8");
    assert.match(saved, new RegExp(`DTSTART:${evening}`));
    assert.match(await visitor.page.innerText(".said"), /noren\.ics/);
  }
});

test("a slip is checked on anybody's device, which keeps nothing and asks what a new one asks [WEB-8]", async (t) => {
  const venue = await town.venue("Izakaya Tsubaki");
  const arrival = now() - 8 * HOUR;
  await town.warn(venue, arrival, arrival + HOUR);
  const visitor = await Visitor.arrives(t, town);
  const check = async (slip, from, to) => {
    await visitor.goesHome();
    await visitor.does("open-slip");
    await visitor.sees("slip");
    await visitor.fills("link", slip.link);
    await visitor.fills("from", typed(from));
    await visitor.fills("to", typed(to));
    let answer;
    const requests = await town.front.during(async () => {
      await visitor.does("check-slip");
      const shown = visitor.page.locator("[data-slip]:visible").first();
      await shown.waitFor();
      answer = await shown.getAttribute("data-slip");
    });
    return [answer, asked(requests)];
  };
  const [warned, first] = await check(venue, arrival, arrival + HOUR);
  const [unwarned, second] = await check(bar, arrival - 40 * MINUTE, arrival);
  assert.deepEqual([warned, unwarned], ["warned", "nothing"]);
  assert.deepEqual(first, second);
  await visitor.goesHome();
  assert.deepEqual(await visitor.notices(), []);
  await visitor.stop();
  const places = await search(visitor.profile, { ...formsOfPayload(venue.payload), ...forms(venue.name) });
  assert.deepEqual(places, []);
});

test("a passphrase locks what is kept [WEB-4]", async (t) => {
  const visitor = await Visitor.arrives(t, town);
  await visitor.checksIn(bar);
  await visitor.goesHome();
  await visitor.does("open-kept");
  await visitor.sees("kept");
  await visitor.fills("passphrase", "short");
  await visitor.does("set-passphrase");
  await visitor.problem("short-passphrase");
  await visitor.fills("passphrase", "seven blue curtains");
  await visitor.does("set-passphrase");
  await visitor.page.locator('[data-do="remove-passphrase"]:visible').waitFor();
  await visitor.stop();
  await visitor.start();
  await visitor.opens();
  const locked = await visitor.sees("locked");
  assert.doesNotMatch(await locked.innerText(), /Bar Kurotsubaki/);
  await visitor.fills("passphrase", "seven red curtains");
  await visitor.does("unlock");
  await visitor.problem("wrong-passphrase");
  await visitor.fills("passphrase", "seven blue curtains");
  await visitor.does("unlock");
  assert.match(await (await visitor.sees("home")).innerText(), /Bar Kurotsubaki/);
  await visitor.stop();
  assert.deepEqual(await search(visitor.profile, forms("seven blue curtains")), []);
});

test("tabs neither lose nor hide each other's visits [WEB-5]", async (t) => {
  const visitor = await Visitor.arrives(t, town);
  const venues = [bar, cafe, await town.venue("Sushi Kiku"), await town.venue("Soba Hagi")];
  const tabs = [visitor.page];
  while (tabs.length < venues.length) {
    tabs.push(await visitor.context.newPage());
    await visitor.opens(`${town.url}/`, tabs.at(-1));
  }
  for (const [place, page] of tabs.entries()) {
    await visitor.does("scan", page);
    await visitor.fills("link", venues[place].link, page);
    await visitor.does("read-link", page);
    await visitor.sees("arrive", page);
  }
  // All at the same moment, as near as browsers come to that.
  const moment = Date.now() + 500;
  await Promise.all(tabs.map((page) => page.evaluate((when) => {
    const press = document.querySelector('[data-do="check-in"]');
    setTimeout(() => press.click(), when - Date.now());
  }, moment)));
  await Promise.all(tabs.map((page) => visitor.sees("confirmed", page)));
  const last = await visitor.context.newPage();
  await visitor.opens(`${town.url}/`, last);
  const words = await (await visitor.sees("home", last)).innerText();
  assert.deepEqual(venues.filter(({ name }) => !words.includes(name)), []);
  // A check-out in one tab is seen in the others.
  const open = () => last.locator("[data-visit]:visible").count();
  assert.equal(await open(), venues.length);
  await visitor.opens();
  await visitor.checksOut();
  await until("the other tab has seen it", async () => (await open()) === venues.length - 1);
});

test("a browser that is killed after the confirmation has kept the visit [WEB-5]", async (t) => {
  const visitor = await Visitor.arrives(t, town);
  await visitor.checksIn(bar);
  await visitor.kill();
  await visitor.comesBack();
  assert.match(await (await visitor.sees("home")).innerText(), /Bar Kurotsubaki/);
  // In the middle: what was there before is there, and the page works.
  await visitor.pastes(cafe.link);
  await visitor.sees("arrive");
  visitor.does("check-in").catch(() => {});
  await visitor.kill();
  await visitor.comesBack();
  assert.match(await (await visitor.sees("home")).innerText(), /Bar Kurotsubaki/);
  await visitor.checksIn(cafe);
});

test("a device without room says so, and loses nothing [WEB-5]", async (t) => {
  const disk = await smallDisk(t);
  if (disk === null) {
    return;
  }
  const visitor = await Visitor.arrives(t, town, { profile: disk.profile });
  disk.browser = visitor;
  await visitor.checksIn(bar);
  await visitor.goesHome();
  await visitor.pastes(cafe.link);
  await visitor.sees("arrive");
  await disk.fill();
  // Again and again, as somebody does who cannot believe it.
  for (let tries = 0; tries < 6; tries += 1) {
    await visitor.does("check-in");
    await visitor.problem("full");
    await visitor.page.locator('[data-do="check-in"]:not([aria-busy="true"])').waitFor();
  }
  const isThere = async (name) => (await (await visitor.sees("home")).innerText()).includes(name);
  await visitor.goesHome();
  assert.deepEqual([await isThere("Bar Kurotsubaki"), await isThere("Kissa Fuji")], [true, false]);
  await visitor.hasLooked();
  await disk.clear();
  await visitor.checksIn(cafe);
  await visitor.stop();
  await visitor.comesBack();
  assert.deepEqual([await isThere("Bar Kurotsubaki"), await isThere("Kissa Fuji")], [true, true]);
});

test("where the browser has deleted everything, the page begins anew", async (t) => {
  const visitor = await Visitor.arrives(t, town);
  await visitor.checksIn(bar);
  const browser = await visitor.context.newCDPSession(visitor.page);
  await visitor.page.goto("about:blank");
  await browser.send("Storage.clearDataForOrigin", { origin: town.url, storageTypes: "all" });
  await visitor.opens();
  assert.doesNotMatch(await (await visitor.sees("home")).innerText(), /Bar Kurotsubaki/);
  await visitor.checksIn(bar);
});

for (const [camera, problem] of [["denied", "camera-denied"], ["none", "no-camera"]]) {
  test(`with a camera that is ${camera}, a picture does`, async (t) => {
    const visitor = await Visitor.arrives(t, town, { camera });
    await visitor.does("scan");
    await visitor.problem(problem);
    await visitor.givesPicture(await bar.poster());
    assert.match(await (await visitor.sees("arrive")).innerText(), /Bar Kurotsubaki/);
  });
}

test("codes that are no poster's are told apart [WEB-16]", async (t) => {
  const visitor = await Visitor.arrives(t, town);
  await visitor.chooses(await bar.sheet());
  await visitor.problem("private-code");
  await visitor.goesHome();
  // The scanner says nothing of a picture without a code, but that there is none.
  const damaged = bar.payload.slice(0, 40) + (bar.payload[40] === "A" ? "B" : "A") + bar.payload.slice(41);
  const expired = await town.venue("Old Hall", { from: now() - 9 * DAY, to: now() - 8 * DAY });
  const early = await town.venue("New Hall", { from: now() + 8 * DAY, to: now() + 9 * DAY });
  const stranger = await harbour.venue("Pier Six");
  const wrong = [
    ["https://menu.example/drinks", "not-a-code"],
    ["Bar Kurotsubaki", "not-a-code"],
    ["", "no-link"],
    [`${town.url}/`, "page-address"],
    [town.url, "page-address"],
    [`${town.url}/?v=3#${bar.payload.slice(0, 100)}`, "damaged-code"],
    [`${town.url}/?v=3#`, "damaged-code"],
    ["https://elsewhere.example/?v=3#AAAA", "damaged-code"],
    [expired.link, "no-longer-valid"],
    [early.link, "not-yet-valid"],
    [stranger.link, "other-authority"],
  ];
  for (const [link, problem] of wrong) {
    await visitor.pastes(link);
    if (await visitor.page.locator('[data-do="check-in"]:visible').isVisible()) {
      await visitor.does("check-in");
    }
    await visitor.problem(problem).catch((error) => {
      throw new Error(`${link}: ${error.message}`);
    });
    await visitor.goesHome();
  }
  await visitor.pastes(`${town.url}/?v=3#${damaged}`);
  await visitor.page.locator('[data-problem]:visible, [data-screen="arrive"]:visible').first().waitFor();
});

test("a hostile server is refused, and what was told before stays", async (t) => {
  const hostile = await Town.open({ name: "Forked office" });
  t.after(() => hostile.close());
  const venue = await hostile.venue("Club Kiri");
  const arrival = now() - 6 * HOUR;
  const visitor = await Visitor.arrives(t, hostile);
  await visitor.wasThere(venue, arrival, arrival + HOUR);
  await hostile.warn(venue, arrival, arrival + HOUR);
  const early = await hostile.answerOf("/checkpoint");
  const fork = await hostile.fork();
  t.after(() => fork.close());
  await hostile.warn(venue, arrival - 3 * HOUR, arrival - 2 * HOUR);
  await visitor.looks();
  assert.equal((await visitor.notices()).length, 1);
  const isRefused = async (why) => {
    await visitor.looks();
    await visitor.problem("refused-log").catch((error) => {
      throw new Error(`${why}: ${error.message}`);
    });
    assert.equal((await visitor.notices()).length, 1, why);
  };
  const changing = (path, body) => ({ url }, answer) => (
    url.startsWith(path) ? { ...answer, status: 200, body } : answer);

  hostile.front.change = changing("/checkpoint", early);
  await isRefused("a rollback");
  hostile.front.change = changing("/checkpoint", Buffer.from("forked.example/noren\n99\nAAAA\n\n— x y\n"));
  await isRefused("a checkpoint that nobody signed");
  hostile.front.change = changing("/checkpoint", Buffer.alloc(5_000_000, 0x61));
  await isRefused("garbage");

  fork.front.turnTo(fork.behind);
  hostile.front.change = null;
  await fork.warn(venue, arrival - 6 * HOUR, arrival - 5 * HOUR, { level: "cluster" });
  await isRefused("another history of the same length");
  await fork.warn(venue, arrival - 9 * HOUR, arrival - 8 * HOUR, { level: "cluster" });
  await isRefused("another history");

  fork.front.turnTo(hostile.behind);
  await visitor.looks();
  await until("the honest log is taken again", async () => (
    (await visitor.page.locator('[data-problem="refused-log"]:visible').count()) === 0));

  // New entries whose bytes are not those that were signed.
  await hostile.warn(venue, arrival - 12 * HOUR, arrival - 11 * HOUR);
  hostile.front.change = ({ url }, answer) => {
    if (url.startsWith("/tile/")) {
      const body = Buffer.from(answer.body);
      body[body.length - 1] ^= 1;
      return { ...answer, body };
    }
    return answer;
  };
  await isRefused("changed entries");
  hostile.front.change = ({ url }, answer) => (/^\/(checkpoint|tile)/.test(url) ? null : answer);
  await visitor.looks();
  await visitor.problem("offline");
  assert.deepEqual(visitor.elsewhere, []);

  // [WEB-12] What was signed is kept, is read by the real auditor, and can be deleted.
  await visitor.stop();
  await visitor.comesBack();
  await visitor.sees("home");
  const card = visitor.page.locator("[data-evidence]:visible");
  assert.match(await card.innerText(), /the log of Forked office/);
  const folder = `${visitor.folder}/evidence`;
  await does("python3", ["-m", "zipfile", "-e", await visitor.saves("save-evidence"), folder]);
  const verdicts = [];
  for (const piece of await readdir(folder)) {
    const judged = await hostile.office.noren(["--json", "auditor", "compare", `${folder}/${piece}`]);
    verdicts.push(judged.out === "" ? judged.err : JSON.parse(judged.out).verdict);
    const note = await readFile(`${folder}/${piece}/offered.checkpoint`, "utf8");
    assert.equal(note.split("\n")[0], "forked-office.example/noren");
  }
  assert.ok(verdicts.includes("fork"), verdicts.join("\n"));
  await visitor.does("forget-evidence");
  await card.waitFor({ state: "detached" });
  await visitor.goesHome();
  assert.equal(await card.count(), 0);
});

for (const [name, clockOff] of [["behind", -2 * DAY], ["ahead", 2 * DAY]]) {
  test(`a clock that is two days ${name} is told, and nothing is lost`, async (t) => {
    const visitor = await Visitor.arrives(t, town, { clockOff });
    await visitor.checksIn(bar);
    await visitor.goesHome();
    await visitor.looks();
    await visitor.page.locator('[data-problem="clock"]:visible, [data-problem="refused-log"]:visible')
      .first().waitFor();
    assert.match(await (await visitor.sees("home")).innerText(), /Bar Kurotsubaki/);
  });
}

test("a second authority is followed after its fingerprint was shown, and warns", async (t) => {
  const pier = await harbour.venue("Pier Nine");
  const visitor = await Visitor.arrives(t, town);
  await visitor.does("open-kept");
  await visitor.fills("address", harbour.url);
  await visitor.does("follow");
  const words = (await (await visitor.sees("authority")).innerText()).replaceAll(/\s/g, "");
  assert.ok(words.includes("Harbouroffice"));
  assert.ok(words.includes((await harbour.fingerprint()).replaceAll(/\s/g, "")));
  await visitor.does("confirm-follow");
  await visitor.sees("kept");
  const arrival = now() - 4 * HOUR;
  await visitor.goesHome();
  await visitor.wasThere(pier, arrival, arrival + HOUR);
  await harbour.warn(pier, arrival, arrival + HOUR);
  await visitor.looks();
  const [notice] = await visitor.notices();
  assert.match(notice.words, /Harbour office/);
  assertNothingIsTold(town, pier);
  assertNothingIsTold(harbour, pier);
});

test("in the background the page looks as in front, and its notification names nothing [WEB-7]", async (t) => {
  const visitor = await Visitor.arrives(t, town);
  await visitor.context.grantPermissions(["notifications"], { origin: town.url });
  const venue = await town.venue("Sento Matsu");
  const arrival = now() - 5 * HOUR;
  await visitor.wasThere(venue, arrival, arrival + HOUR);
  await visitor.looks();
  await visitor.page.evaluate(() => navigator.serviceWorker.ready.then(() => null));
  const other = await Visitor.arrives(t, town);
  await other.wasThere(bar, arrival, arrival + HOUR);
  await other.looks();
  await town.warn(venue, arrival, arrival + HOUR);
  const inFront = await town.front.during(() => other.looks());
  const elsewhere = await visitor.context.newCDPSession(visitor.page);
  const registered = new Promise((resolve) => {
    elsewhere.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const ours = registrations.find(({ scopeURL }) => scopeURL.startsWith(town.url));
      if (ours) {
        resolve(ours.registrationId);
      }
    });
  });
  await elsewhere.send("ServiceWorker.enable");
  const registrationId = await registered;
  const before = town.front.requests.length;
  await elsewhere.send("ServiceWorker.dispatchPeriodicSyncEvent", {
    origin: town.url, registrationId, tag: "look",
  });
  const shown = await until("a notification", () => visitor.page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    const all = await registration.getNotifications();
    return all.length === 0 ? null : all.map(({ title, body }) => `${title} ${body}`);
  }));
  assert.equal(shown.length, 1);
  const inTheBackground = town.front.requests.slice(before).filter(({ url }) => isOfTheLog(url));
  assert.deepEqual(asked(inTheBackground), asked(inFront));
  assert.doesNotMatch(shown[0], /Sento|Matsu|\d\d?[:：時]\d*|attention|cluster/i);
});

test("visits of before new keys are warned of after them", async (t) => {
  const visitor = await Visitor.arrives(t, town);
  const arrival = now() - 7 * HOUR;
  const venue = await town.venue("Gekijo Ume");
  await visitor.wasThere(venue, arrival, arrival + HOUR);
  await visitor.looks();
  await town.rotateKeys();
  await town.warn(venue, arrival, arrival + HOUR);
  await visitor.goesHome();
  await visitor.looks();
  assert.equal((await visitor.notices()).length, 1);
  await visitor.checksIn(bar);
});
