// Every screen in every language: axe-core finds nothing, nothing is cut off on a narrow screen or with
// large letters, the keyboard alone is enough, and without JavaScript the page still says what it is.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { HOUR, Town, now } from "./town.mjs";
import { Visitor } from "./visitor.mjs";

const LANGUAGES = ["ja", "en", "ko", "zh-Hans", "pt", "vi"];
const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Where pictures of the screens are wanted. */
const PICTURES = process.env.NOREN_PICTURES;

let town;
let bar;
let cafe;
let opened;

before(async () => {
  town = await Town.open();
  bar = await town.venue("Bar Noren", { more: ["--kind", "bar", "--room", "2F", "--stay", "2h"] });
  cafe = await town.venue("Kissa Fuji");
  const arrival = now() - 5 * HOUR;
  await town.warn(cafe, arrival, arrival + HOUR, { level: "cluster" });
  opened = await town.ask(bar, arrival, arrival + HOUR);
});

after(() => town?.close());

/** The ways to all screens from the page as it opens; each begins and ends where the one before did. */
const WAYS = [
  ["home", async () => {}],
  ["notices", (visitor) => visitor.does("open-notices")],
  ["scan", (visitor) => visitor.does("scan")],
  ["arrive", (visitor) => visitor.pastes(bar.link)],
  ["confirmed", async (visitor) => {
    await visitor.pastes(bar.link);
    await visitor.does("check-in");
  }],
  ["slip", (visitor) => visitor.does("open-slip")],
  ["kept", (visitor) => visitor.does("open-kept")],
  ["trust", (visitor) => visitor.does("open-trust")],
  ["owner", (visitor) => visitor.does("open-owner")],
  ["rooms", async (visitor) => {
    await visitor.does("open-owner");
    await visitor.does("rooms");
  }],
  ["answer", async (visitor) => {
    await visitor.opensAnswer();
    await visitor.givesPicture(await bar.sheet());
    await visitor.seesHandover(opened);
  }],
  ["set-up", async (visitor) => {
    await visitor.does("open-owner");
    await visitor.does("set-up");
  }],
  ["print", async (visitor) => {
    await visitor.does("open-owner");
    await visitor.does("set-up");
    await visitor.fills("name", "ライブハウス暖簾");
    await visitor.fills("address", "東京都港区1-2-3");
    await visitor.does("make");
  }],
  ["problem", (visitor) => visitor.opens(`${town.url}/?v=3#AAAA`)],
  ["authority", async (visitor) => {
    await visitor.does("open-kept");
    await visitor.fills("address", town.url);
    await visitor.does("follow");
  }],
  // Locks: the last one.
  ["locked", async (visitor) => {
    await visitor.does("open-kept");
    await visitor.fills("passphrase", "seven blue curtains");
    await visitor.does("set-passphrase");
    await visitor.page.locator('[data-do="remove-passphrase"]:visible').waitFor();
    await visitor.does("lock");
  }],
];

async function audits(visitor, what) {
  const found = await visitor.page.evaluate(() => globalThis.axe.run(document, {
    resultTypes: ["violations"],
  }));
  const told = found.violations.map(({ id, nodes }) => (
    `${id}: ${nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`).join("\n")}`));
  assert.deepEqual(told, [], what);
}

async function fits(visitor, width, what) {
  await visitor.page.setViewportSize({ width, height: 844 });
  const over = await visitor.page.evaluate(() => {
    const room = document.documentElement.clientWidth;
    const wide = [...document.querySelectorAll("body *")].filter((node) => {
      const box = node.getBoundingClientRect();
      return box.width > 0 && box.right > room + 1;
    });
    return {
      scrolls: document.documentElement.scrollWidth - room,
      wide: wide.map((node) => `${node.tagName} ${node.className} ${node.textContent.slice(0, 40)}`),
    };
  });
  assert.ok(over.scrolls <= 1, `${what} at ${width}: ${over.scrolls} too wide: ${over.wide.join("; ")}`);
}

async function speaks(visitor, language) {
  await visitor.page.locator('[data-do="language"]').first().selectOption(language);
  await visitor.page.locator(`html[lang="${language}"]`).waitFor();
}

for (const language of LANGUAGES) {
  test(`every screen in ${language} can be used by everybody`, async (t) => {
    // axe-core is put in from outside: the page's own policy would not let it in.
    const visitor = await Visitor.arrives(t, town, { language, more: { bypassCSP: true } });
    visitor.page.on("dialog", (dialog) => dialog.accept());
    const arrival = now() - 5 * HOUR;
    await visitor.wasThere(cafe, arrival, arrival + HOUR);
    await visitor.looks();
    for (const [screen, way] of WAYS) {
      await visitor.goesHome();
      await way(visitor);
      await visitor.sees(screen);
      await visitor.page.addScriptTag({ path: AXE });
      assert.equal(await visitor.page.getAttribute("html", "lang"), language);
      const what = `${screen} in ${language}`;
      await fits(visitor, 320, what);
      await audits(visitor, what);
      await fits(visitor, 390, what);
      await withLargeLetters(visitor, what);
      if (PICTURES && ["en", "ja"].includes(language)) {
        await mkdir(PICTURES, { recursive: true });
        await visitor.page.screenshot({ path: `${PICTURES}/${screen}-390-${language}.png`, fullPage: true });
      }
    }
    assert.deepEqual(visitor.elsewhere, []);
  });
}

/** As where the operating system's letters are twice as large: the page measures in them. */
async function withLargeLetters(visitor, what) {
  const html = visitor.page.locator("html");
  const size = () => visitor.page.evaluate(() => (
    Number.parseFloat(getComputedStyle(document.querySelector("h1")).fontSize)));
  const before = await size();
  await html.evaluate((node) => node.style.setProperty("font-size", "200%"));
  assert.ok((await size()) > before * 1.4, `${what}: the heading does not grow with the letters`);
  await fits(visitor, 390, `${what} with letters of twice the size`);
  await html.evaluate((node) => node.style.removeProperty("font-size"));
}

test("the dark screen has contrast as well", async (t) => {
  const visitor = await Visitor.arrives(t, town, { more: { bypassCSP: true, colorScheme: "dark" } });
  for (const [screen, way] of WAYS.slice(0, 1).concat(WAYS.slice(2, 8))) {
    await visitor.goesHome();
    await way(visitor);
    await visitor.sees(screen);
    await visitor.page.addScriptTag({ path: AXE });
    await audits(visitor, `${screen} in the dark`);
  }
});

test("the keyboard alone checks in and out", async (t) => {
  const visitor = await Visitor.arrives(t, town);
  const press = async (what) => {
    for (let tries = 0; tries < 60; tries += 1) {
      const at = await visitor.page.evaluate(() => document.activeElement?.dataset?.do
        ?? document.activeElement?.dataset?.field);
      if (at === what) {
        const isSeen = await visitor.page.evaluate(() => (
          getComputedStyle(document.activeElement).outlineStyle !== "none"));
        assert.ok(isSeen, `the focus on ${what} cannot be seen`);
        return;
      }
      await visitor.page.keyboard.press("Tab");
    }
    assert.fail(`the keyboard does not reach ${what}`);
  };
  await press("scan");
  await visitor.page.keyboard.press("Enter");
  await visitor.sees("scan");
  await press("link");
  await visitor.page.keyboard.insertText(bar.link);
  await press("read-link");
  await visitor.page.keyboard.press("Enter");
  await visitor.sees("arrive");
  await press("check-in");
  await visitor.page.keyboard.press("Enter");
  await visitor.sees("confirmed");
  await press("check-out");
  await visitor.page.keyboard.press("Enter");
  await visitor.sees("home");
  assert.equal(await visitor.page.locator("[data-visit]:visible").count(), 0);
});

test("without JavaScript the page says in six languages what it is and that nothing was sent", async (t) => {
  const visitor = await Visitor.create({ more: { javaScriptEnabled: false } }, new Visitor());
  t.after(() => visitor.remove());
  await visitor.page.goto(bar.link);
  const spoken = await visitor.page.locator("noscript [lang], body [lang]").evaluateAll((nodes) => (
    nodes.filter((node) => node.getClientRects().length > 0).map((node) => node.lang)));
  assert.deepEqual([...new Set(spoken)].sort(), [...LANGUAGES].sort());
  const words = await visitor.page.innerText("body");
  assert.match(words, /nothing (was|has been) sent/i);
  assert.match(words, /送信/);
  const requests = town.front.requests.filter(({ url }) => url.includes(bar.payload));
  assert.deepEqual(requests, []);
});

test("a notice has the authority's number to press, and is printed without what one presses", async (t) => {
  const visitor = await Visitor.arrives(t, town, { language: "ja" });
  const arrival = now() - 5 * HOUR;
  await visitor.wasThere(cafe, arrival, arrival + HOUR);
  await visitor.looks();
  await visitor.does("open-notices");
  const notices = await visitor.sees("notices");
  const number = notices.locator('a[href^="tel:"]').first();
  assert.equal(await number.getAttribute("href"), "tel:0300000000");
  assert.match(await notices.innerText(), /Kissa Fuji/);
  await visitor.page.emulateMedia({ media: "print" });
  const words = await notices.innerText();
  assert.match(words, /Kissa Fuji/);
  assert.match(words, /03-0000-0000/);
  assert.equal(await visitor.page.locator("button:visible, select:visible").count(), 0);
});

test("the page's policy lets in no program but its own [WEB-10]", async (t) => {
  const visitor = await Visitor.arrives(t, town);
  const strange = await visitor.page.evaluate(async () => {
    // In a task of its own: what a debugger evaluates may evaluate.
    const tries = (act) => new Promise((resolve) => {
      setTimeout(() => Promise.resolve().then(act).then(() => resolve("done"), ({ name }) => resolve(name)));
    });
    const script = document.createElement("script");
    script.append("globalThis.wasRun = true;");
    const elsewhere = await tries(() => fetch("https://elsewhere.example/"));
    const outcomes = {
      markup: await tries(() => { document.createElement("p").innerHTML = "<b>x</b>"; }),
      evaluation: await tries(() => new Function("return 1")()),
      worker: await tries(() => new Worker("/page.js")),
      policy: await tries(() => trustedTypes.createPolicy("other", {})),
      inline: await tries(() => { document.body.append(script); }),
    };
    return { ...outcomes, elsewhere, wasRun: globalThis.wasRun ?? false };
  });
  const refused = { markup: "TypeError", evaluation: "EvalError", worker: "TypeError", policy: "TypeError" };
  const { inline, ...others } = strange;
  assert.deepEqual(others, { ...refused, elsewhere: "TypeError", wasRun: false });
  assert.ok(["done", "TypeError"].includes(inline));
});

test("each file is the one that is listed, and says where it was built in nothing [WEB-10]", async (t) => {
  const visitor = await Visitor.arrives(t, town);
  const files = await visitor.page.evaluate(async () => (await import("/files.js")).FILES);
  assert.ok(Object.keys(files).length > 20);
  for (const [path, digest] of Object.entries(files)) {
    const answer = await fetch(`${town.url}/${path === "index.html" ? "" : path}`);
    const bytes = Buffer.from(await answer.arrayBuffer());
    assert.equal(createHash("sha256").update(bytes).digest("hex"), digest, path);
    for (const place of [ROOT, `${homedir()}/`, ".cargo/registry"]) {
      assert.ok(!bytes.includes(place), `${path} has ${place}`);
    }
  }
});

test("the language can be chosen, and is kept", async (t) => {
  const visitor = await Visitor.arrives(t, town, { language: "de" });
  assert.equal(await visitor.page.getAttribute("html", "lang"), "en");
  await speaks(visitor, "vi");
  await visitor.goesHome();
  assert.equal(await visitor.page.getAttribute("html", "lang"), "vi");
});
