// What the service worker keeps: one bad answer spoils nothing for later, and what changes at the
// server reaches devices that have kept the page.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";

import { until } from "./browser.mjs";
import { isOfTheLog } from "./front.mjs";
import { Town } from "./town.mjs";
import { Visitor } from "./visitor.mjs";

let town;
let fields;

before(async () => {
  town = await Town.open();
  const answer = await fetch(`http://127.0.0.1:${town.behind}/`);
  fields = Object.fromEntries(FIELDS.map((name) => [name, answer.headers.get(name)]));
});

after(() => town?.close());

const POLICY = "content-security-policy";
const FIELDS = [
  POLICY, "content-type", "cross-origin-opener-policy", "cross-origin-resource-policy", "permissions-policy",
  "referrer-policy", "x-content-type-options",
];

async function arrives(t) {
  const visitor = await Visitor.create({}, new Visitor());
  t.after(() => visitor.remove());
  visitor.town = town;
  return visitor;
}

/** Whether a program is in charge, once none is being taken. */
async function isKept(visitor) {
  const found = () => visitor.page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    return { isThere: Boolean(registration?.active), isTrying: Boolean(registration?.installing ?? registration?.waiting) };
  });
  // It is asked for after the first screen; where it was refused at once, nothing of it is seen here.
  for (let begun = Date.now(); Date.now() < begun + 5_000; await visitor.page.waitForTimeout(50)) {
    const { isThere, isTrying } = await found();
    if (isThere || isTrying) {
      break;
    }
  }
  await until("the service worker has decided", async () => !(await found()).isTrying);
  return (await found()).isThere;
}

/** The page works, and says of itself what its server says. */
async function isAsServed(visitor) {
  const answer = await visitor.page.goto(`${town.url}/`);
  await visitor.isReady();
  const seen = answer.headers();
  assert.deepEqual(Object.fromEntries(FIELDS.map((name) => [name, seen[name]])), fields);
  return answer.fromServiceWorker();
}

/** Changes the header fields of the page's files, whole: the browser has nothing of before. */
function spoil(change, isMeant = () => true) {
  town.front.change = (request, answer) => {
    if (isOfTheLog(request.url) || !isMeant(request)) {
      return answer;
    }
    const headers = { ...answer.headers };
    change(headers, request);
    return { ...answer, headers };
  };
}

/** Whether a request is the service worker's own, which fetches what it keeps. */
function isForKeeping({ headers }) {
  const place = headers.findIndex((name) => name.toLowerCase() === "sec-fetch-dest");
  return headers[place + 1] === "empty";
}

const SPOILT = {
  "without any policy": (headers) => FIELDS.filter((name) => name !== "content-type").forEach((name) => delete headers[name]),
  "with a policy that forbids everything": (headers) => { headers[POLICY] = "default-src 'none'"; },
  "with a policy that lacks Trusted Types": (headers) => { headers[POLICY] = headers[POLICY].replace(/require-trusted.*/, ""); },
  "with a policy that lets the page connect anywhere": (headers) => {
    headers[POLICY] = headers[POLICY].replace("connect-src 'self'", "connect-src 'self' https:");
  },
};

for (const [what, change] of Object.entries(SPOILT)) {
  test(`a page that came once ${what} is not kept [WEB-20]`, async (t) => {
    const visitor = await arrives(t);
    spoil(change, isForKeeping);
    try {
      await visitor.opens();
      assert.equal(await isKept(visitor), false);
    } finally {
      town.front.change = null;
    }
    assert.equal(await isAsServed(visitor), false);
    assert.equal(await isKept(visitor), true);
    assert.equal(await isAsServed(visitor), true);
  });
}

test("what the browser itself has kept of one bad answer keeps nobody from the page for good [WEB-20]", async (t) => {
  const visitor = await arrives(t);
  const asked = [];
  const passes = (change) => {
    town.front.change = ({ url, headers }, answer) => {
      if (url !== "/noren_scanner_bg.wasm") {
        return answer;
      }
      asked.push({ isOnCondition: headers.some((name) => name.toLowerCase() === "if-none-match"), status: answer.status });
      return change(answer);
    };
  };
  try {
    // As a proxy that cuts a file short and lets its tag stand: asked again, its server says "not changed".
    passes((answer) => ({
      ...answer, body: answer.body.subarray(0, 100), headers: { ...answer.headers, "content-encoding": "identity" },
    }));
    await visitor.opens();
    assert.equal(await isKept(visitor), false);
    asked.length = 0;
    passes((answer) => answer);
    await visitor.opens();
    assert.equal(await isKept(visitor), true);
  } finally {
    town.front.change = null;
  }
  // The first was answered from what was spoilt, the second from nothing of before.
  assert.deepEqual(asked, [{ isOnCondition: true, status: 304 }, { isOnCondition: false, status: 200 }]);
  assert.equal(await isAsServed(visitor), true);
});

test("files that came once with other types and fields are kept with their own [WEB-20]", async (t) => {
  const visitor = await arrives(t);
  spoil((headers, { url }) => {
    headers["content-type"] = url.endsWith(".js") ? "text/plain" : "application/octet-stream";
    headers["permissions-policy"] = "geolocation=*";
    headers["referrer-policy"] = "unsafe-url";
    headers["x-visitor"] = "4711";
    ["x-content-type-options", "cross-origin-opener-policy"].forEach((name) => delete headers[name]);
  }, isForKeeping);
  try {
    await visitor.opens();
    assert.equal(await isKept(visitor), true);
  } finally {
    town.front.change = null;
  }
  for (let visit = 0; visit < 3; visit += 1) {
    assert.equal(await isAsServed(visitor), true);
  }
  const extra = await visitor.page.evaluate(async () => (await fetch("page.js")).headers.get("x-visitor"));
  assert.equal(extra, null);
});

test("which servers the page may connect to reaches a device that has kept it [WEB-20]", async (t) => {
  const visitor = await arrives(t);
  await visitor.opens();
  assert.equal(await isKept(visitor), true);
  const connects = async () => {
    const answer = await visitor.page.goto(`${town.url}/`);
    await visitor.isReady();
    assert.equal(answer.fromServiceWorker(), true);
    const policy = answer.headers()[POLICY];
    return /connect-src ([^;]*)/.exec(policy)[1];
  };
  assert.equal(await connects(), "'self'");
  const name = (servers) => spoil((headers) => {
    headers[POLICY] = headers[POLICY].replace("connect-src 'self'", `connect-src ${servers}`);
  });
  try {
    name("'self' https://harbour.example:8443");
    await until("the servers are known", async () => (await connects()) === "'self' https://harbour.example:8443");
    const worker = await visitor.page.evaluate(async () => (await fetch("worker.js")).headers.get("content-security-policy"));
    assert.match(worker, /connect-src 'self' https:\/\/harbour\.example:8443;/);
    // Nothing bad takes its place, and neither does no network at all.
    name("*");
    await connects();
    await visitor.page.waitForTimeout(500);
    assert.equal(await connects(), "'self' https://harbour.example:8443");
  } finally {
    town.front.change = null;
  }
  await until("they are not meant any more", async () => (await connects()) === "'self'");
  await isAsServed(visitor);
});

/** The page of the server with another text of a file that says which version it is. */
async function nextVersion() {
  const file = async (path) => {
    const answer = await fetch(`http://127.0.0.1:${town.behind}/${path}`, { headers: { "accept-encoding": "identity" } });
    return { body: await answer.text(), headers: Object.fromEntries(answer.headers) };
  };
  const digest = (text) => createHash("sha256").update(text).digest("hex");
  const [home, files] = [await file("home.js"), await file("files.js")];
  const changed = `${home.body}\ndocument.documentElement.dataset.version = "next";\n`;
  const bodies = {
    "/home.js": changed,
    "/files.js": files.body.replace(digest(home.body), digest(changed)).replace(/(VERSION = ")[0-9a-f]{8}/, "$1ffffffff"),
  };
  return ({ url }, answer) => {
    const body = bodies[url];
    if (body === undefined) {
      return answer;
    }
    const { etag: __, ...headers } = { ...answer.headers, "content-encoding": "identity" };
    return { status: 200, headers: { ...home.headers, ...headers, "content-type": "text/javascript; charset=utf-8" }, body: Buffer.from(body) };
  };
}

/** Looks at another tab or app. Playwright shows every tab to its page, so that this has to be said. */
async function putsAway(page, isHidden = true) {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    Object.defineProperty(document, "visibilityState", { value: hidden ? "hidden" : "visible", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, isHidden);
}

const versionOf = (page) => page.evaluate(() => document.documentElement.dataset.version ?? "first");

/** Chromium now and then gives up a version that it has just fetched, and tries again when it is asked. */
async function isWaiting(page) {
  await until("the next version waits", () => page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    if (registration.waiting === null && registration.installing === null) {
      await registration.update().catch(() => {});
    }
    return registration.waiting !== null;
  }));
}

async function newTab(visitor, link) {
  await Promise.all(visitor.context.pages().map((page) => putsAway(page)));
  const page = await visitor.context.newPage();
  await visitor.opens(link, page);
  return page;
}

/** Whether all of these tabs come to be of the next version. */
function areNext(...pages) {
  return until("the next version is there", async () => {
    const versions = await Promise.all(pages.map((page) => versionOf(page).catch(() => "loading")));
    return versions.every((version) => version === "next");
  });
}

test("a new version does not wait for tabs that somebody left open [WEB-21]", async (t) => {
  const bar = await town.venue("Bar Noren");
  const visitor = await arrives(t);
  await visitor.opens();
  assert.equal(await isKept(visitor), true);
  // As phones do that open a tab for each poster.
  const scanned = await newTab(visitor, bar.link);
  await visitor.does("check-in", scanned);
  await visitor.sees("confirmed", scanned);
  town.front.change = await nextVersion();
  try {
    const next = await newTab(visitor, bar.link);
    await isWaiting(next);
    assert.equal(await versionOf(next), "first");
    // Opened by a link, it is not loaded again before somebody's eyes. Put away, all are.
    await visitor.does("go-on", next);
    await visitor.sees("home", next);
    await next.waitForTimeout(500);
    assert.equal(await versionOf(next), "first");
    await putsAway(next);
    await areNext(next, scanned, visitor.page);
  } finally {
    town.front.change = null;
  }
});

test("a new version begins where the page is opened and nobody sees the other tabs [WEB-21]", async (t) => {
  const visitor = await arrives(t);
  await visitor.opens();
  assert.equal(await isKept(visitor), true);
  town.front.change = await nextVersion();
  try {
    const seen = await newTab(visitor, `${town.url}/`);
    await isWaiting(seen);
    // Two windows side by side: one is seen, and stays as it is.
    const beside = await visitor.context.newPage();
    await visitor.opens(`${town.url}/`, beside);
    await beside.waitForTimeout(1_500);
    assert.deepEqual([await versionOf(beside), await versionOf(seen)], ["first", "first"]);
    const last = await newTab(visitor, `${town.url}/`);
    await areNext(last, beside, seen, visitor.page);
    await visitor.sees("home", last);
  } finally {
    town.front.change = null;
  }
});

test("a new version waits for who is in the middle of something, and takes nothing away [WEB-21]", async (t) => {
  const visitor = await arrives(t);
  await visitor.opens();
  assert.equal(await isKept(visitor), true);
  await visitor.does("open-owner");
  await visitor.does("set-up");
  await visitor.fills("name", "Bar Kurotsubaki");
  town.front.change = await nextVersion();
  try {
    const other = await newTab(visitor, `${town.url}/`);
    await isWaiting(other);
    await putsAway(other);
    const third = await newTab(visitor, `${town.url}/`);
    await third.waitForTimeout(1_500);
    assert.deepEqual([await versionOf(third), await versionOf(other), await versionOf(visitor.page)], ["first", "first", "first"]);
    assert.equal(await visitor.page.locator('[data-field="name"]').first().inputValue(), "Bar Kurotsubaki");
    // Once it is left, it is as the others.
    await putsAway(third);
    await putsAway(visitor.page, false);
    await visitor.does("home");
    await visitor.sees("home");
    await putsAway(visitor.page);
    await areNext(visitor.page, other, third);
  } finally {
    town.front.change = null;
  }
});

test("a tab that stays open asks for a new version when it is looked at again [WEB-21]", async (t) => {
  const visitor = await arrives(t);
  await visitor.opens();
  assert.equal(await isKept(visitor), true);
  town.front.change = await nextVersion();
  try {
    await putsAway(visitor.page);
    await putsAway(visitor.page, false);
    await isWaiting(visitor.page);
    await putsAway(visitor.page);
    await areNext(visitor.page);
  } finally {
    town.front.change = null;
  }
});
