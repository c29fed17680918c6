// An owner's whole way through the page: a venue is set up, its pages are printed to PDF on the device,
// and the authority is answered; the authority and a visitor are the real programs.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { forms, search } from "./browser.mjs";
import { show } from "./camera.mjs";
import { Person, does, run } from "./person.mjs";
import { ADDRESS, DAY, HOUR, MINUTE, Town, at, now } from "./town.mjs";
import { Visitor, typed } from "./visitor.mjs";

let town;

before(async () => {
  town = await Town.open();
});

after(() => town?.close());

/** The pages of a PDF file as pictures, and the texts of the codes on them. */
async function codesIn(pdf) {
  assert.equal((await readFile(pdf)).subarray(0, 5).toString(), "%PDF-");
  const base = pdf.replace(/\.pdf$/, "");
  await does("pdftoppm", ["-png", "-r", "150", pdf, base]);
  const pictures = (await does("sh", ["-c", 'ls "$0"-*.png', base])).trim().split("\n");
  const codes = [];
  for (const picture of pictures) {
    const read = await run("zbarimg", ["-q", "--raw", picture]);
    codes.push(...read.out.trim().split("\n").filter((line) => line !== ""));
  }
  return { pictures, codes };
}

/** The same signs from a keyboard that is set to Japanese. [VEN-4] */
function fullWidth(code) {
  return code.replaceAll(/[!-~]/g, (sign) => (
    sign === "-" ? "\u30FC" : String.fromCharCode(sign.charCodeAt(0) + 0xFEE0)));
}

async function setsUp(owner, asked) {
  await asksForVenue(owner, asked);
  await owner.sees("print");
}

async function asksForVenue(owner, { name, room = "" }) {
  await owner.does("open-owner");
  await owner.sees("owner");
  await owner.does("set-up");
  await owner.sees("set-up");
  await owner.fills("name", name);
  await owner.fills("address", ADDRESS);
  await owner.fills("room", room);
  await owner.page.locator('[data-field="kind"]:visible').selectOption("bar");
  // From yesterday on: an authority asks for hours that are over.
  await owner.page.locator('[data-field="valid"]:visible').selectOption("event");
  await owner.fills("from", typed(now() - DAY));
  await owner.fills("to", typed(now() + DAY));
  await owner.does("make");
}

test("a venue that was set up in the page is warned of; its private code stays on the device [WEB-9]", async (t) => {
  const owner = await Visitor.arrives(t, town);
  const requests = await town.front.during(() => setsUp(owner, { name: "Bar Yanagi", room: "2F" }));
  assert.ok(requests.every(({ method }) => method === "GET"), "setting up sends nothing");
  const poster = await codesIn(await owner.saves("save-poster"));
  const tent = await codesIn(await owner.saves("save-tent"));
  const slips = await codesIn(await owner.saves("save-slips"));
  const sheet = await codesIn(await owner.saves("save-sheet"));
  const [link] = poster.codes;
  assert.ok(link.startsWith(`${town.url}/?v=3#`), link);
  assert.deepEqual(new Set([...poster.codes, ...tent.codes, ...slips.codes]), new Set([link]));
  assert.ok(slips.codes.length >= 6, `${slips.codes.length} slips`);
  assert.deepEqual(sheet.codes.length, 1);
  // [PST-13] Both papers say whom to call: the line in the first language that is on them.
  for (const paper of ["poster", "private"]) {
    const words = await does("pdftotext", [`${owner.folder}/Bar-Yanagi-2F-${paper}.pdf`, "-"]);
    assert.match(words.replaceAll("\u00A0", " "), /\+81-3-0000-0000/, paper);
  }
  const [trace] = sheet.codes;
  assert.ok(!trace.startsWith("http"), "the private sheet is no poster");

  // A visitor of the command line was there; the authority asks, and the page answers by the sheet.
  const visitor = new Person(`${town.folder}/visitor`);
  await visitor.json(["visitor", "follow", town.url]);
  const end = Math.floor(now() / HOUR) * HOUR;
  await visitor.json(["visitor", "check-in", link, "--at", at(end - HOUR / 2), "--for", "20m"]);
  const opened = await town.desk("case", "open", "--venue", "Bar Yanagi",
    "--from", at(end - HOUR / 2), "--to", at(end));
  await show(owner.camera, sheet.pictures[0]);
  await owner.opensAnswer();
  await owner.does("scan");
  const words = await owner.seesHandover(opened);
  assert.match(words, /Bar Yanagi/);
  assert.match(words, /Health office/);
  const sent = await town.front.during(async () => {
    await owner.does("hand-over");
    await owner.page.locator('[data-answer="sent"]:visible').waitFor();
  });
  const uploads = sent.filter(({ method }) => method === "POST");
  assert.deepEqual(uploads.map(({ url }) => url), ["/v1/uploads"]);
  await town.desk("review", opened.case);
  await town.desk("publish", "--yes", opened.case, "--level", "cluster");
  const ran = await visitor.noren(["--json", "visitor", "sync"]);
  assert.deepEqual(JSON.parse(ran.out).map(({ level }) => level), ["cluster"]);

  for (const { url, headers, body } of town.front.requests) {
    const all = Buffer.concat([Buffer.from([url, ...headers].join("\n")), body]);
    assert.ok(!all.includes(trace) && !all.includes(Buffer.from(trace, "base64url")), url);
  }
  await owner.stop();
  assert.deepEqual(await search(owner.profile, forms(trace)), []);
});

test("the sheet of the command line answers as well, and a lost answer is tried again", async (t) => {
  const venue = await town.venue("Kissa Fuji");
  const owner = await Visitor.arrives(t, town);
  const end = now() - HOUR;
  const opened = await town.ask(venue, end - HOUR, end);
  await owner.opensAnswer();
  await owner.givesPicture(await venue.sheet());
  const mistyped = opened.code.replace(/.$/, (last) => (last === "A" ? "B" : "A"));
  await owner.typesCodes({ ...opened, code: mistyped });
  await owner.problem("wrong-codes");
  // As a Japanese keyboard has them: full width, and the sign for a long vowel in the place of a dash.
  await owner.seesHandover({ code: fullWidth(opened.code), window_code: fullWidth(opened.window_code) });
  // The server takes it, and its answer is lost on the way.
  town.front.change = ({ method }, answer) => (method === "POST" ? null : answer);
  await owner.does("hand-over");
  await owner.problem("offline");
  town.front.change = null;
  await owner.does("hand-over");
  await owner.page.locator('[data-answer="sent"]:visible').waitFor();
  await town.desk("review", opened.case);
});

test("a poster is no private sheet, and an unknown code is told", async (t) => {
  const venue = await town.venue("Club Kaede");
  const owner = await Visitor.arrives(t, town);
  await owner.opensAnswer();
  await owner.givesPicture(await venue.poster());
  await owner.problem("not-a-private-code");
  const opened = await town.ask(venue, now() - 3 * HOUR, now() - 2 * HOUR);
  await town.desk("case", "close", opened.case);
  await owner.givesPicture(await venue.sheet());
  await owner.seesHandover(opened);
  await owner.does("hand-over");
  await owner.problem("used-codes");
});

test("of two codes that were mistyped, the wrong one is marked [WEB-14] [WEB-17]", async (t) => {
  const venue = await town.venue("Kissa Botan");
  const owner = await Visitor.arrives(t, town);
  const end = Math.floor(now() / HOUR) * HOUR - HOUR;
  const { code, window_code: window } = await town.ask(venue, end - 90 * MINUTE, end - 20 * MINUTE);
  await owner.opensAnswer();
  await owner.givesPicture(await venue.sheet());
  await owner.page.locator('[data-field="upload-code"]:visible').waitFor();
  assert.match(await owner.page.innerText("main"), /private sheet of Kissa Botan/);
  const marked = () => owner.page.locator('[aria-invalid="true"]:visible').evaluateAll((nodes) => (
    nodes.map((node) => node.dataset.field)));
  for (const [typedCode, typedWindow, wrong] of [
    ["", "", ["upload-code", "window-code"]],
    [window, code, ["upload-code", "window-code"]],
    [code.slice(1), window, ["upload-code"]],
    [code, `${window}7`, ["window-code"]],
  ]) {
    await owner.typesCodes({ code: typedCode, window_code: typedWindow });
    assert.deepEqual(await marked(), wrong, `${typedCode} ${typedWindow}`);
    assert.equal(await owner.page.locator('[data-do="hand-over"]').count(), 0);
    const isSwapped = typedCode === window;
    assert.equal(/other way round/.test(await owner.page.innerText("main")), isSwapped, typedCode);
  }
  // What is right is not marked any more; the keys are of whole hours, which are named.
  const words = await owner.seesHandover({ code, window_code: window });
  assert.deepEqual(await marked(), []);
  assert.match(words, /whole hours \d+:00 [AP]M – \d+:00 [AP]M/);
  assert.ok(await owner.page.locator('[data-do="hand-over"]').evaluate((button) => {
    const { top, bottom } = button.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  }), "the button can be seen");
});

test("a screen with a new private code is not left without a question [WEB-9]", async (t) => {
  const owner = await Visitor.arrives(t, town);
  await setsUp(owner, { name: "Bar Sakura" });
  const asked = [];
  owner.page.on("dialog", (dialog) => {
    asked.push(dialog.type());
    return dialog.accept();
  });
  await owner.page.reload();
  assert.deepEqual(asked, ["beforeunload"]);
});

test("many rooms are made from a spreadsheet, each with a code of its own", async (t) => {
  const owner = await Visitor.arrives(t, town);
  const rows = [
    "name,address,room,kind,stay",
    `Karaoke Momiji,${ADDRESS},101,karaoke,2h`,
    `"Karaoke Momiji","${ADDRESS}","102",karaoke,90m`,
    "カラオケもみじ,港区1-2-3,大広間,karaoke,",
  ];
  const file = `${owner.folder}/rooms.csv`;
  await writeFile(file, [...rows, `No kind,${ADDRESS},103,palace,1h`].join("\r\n"));
  await owner.does("open-owner");
  await owner.does("rooms");
  await owner.sees("rooms");
  await owner.page.locator('[data-do="choose-csv"]').first().setInputFiles(file);
  const wrong = owner.page.locator('[data-line="5"]:visible');
  await wrong.waitFor();
  await writeFile(file, `\uFEFF${rows.join("\n")}\n`);
  await owner.page.locator('[data-do="choose-csv"]').first().setInputFiles(file);
  await wrong.waitFor({ state: "hidden" });
  await owner.does("make");
  await owner.page.locator('[data-do="save"]:visible').waitFor({ timeout: 60_000 });
  const archive = await owner.saves("save");
  const folder = `${owner.folder}/rooms`;
  await does("python3", ["-m", "zipfile", "-e", archive, folder]);
  const files = (await does("find", [folder, "-name", "*.pdf"])).trim().split("\n");
  const codes = await Promise.all(files.map(async (pdf) => (await codesIn(pdf)).codes));
  const links = codes.flat().filter((code) => code.startsWith("http"));
  const traces = codes.flat().filter((code) => !code.startsWith("http"));
  assert.equal(new Set(links).size, 3, String(files));
  assert.equal(new Set(traces).size, 3, String(files));
});

test("keys that were pinned are not replaced by whatever the server hands out to an owner [WEB-13]", async (t) => {
  const owner = await Visitor.arrives(t, town);
  const bar = await town.venue("Bar Sakura");
  await owner.hasLooked();
  await owner.checksIn(bar);
  const stranger = await town.impostor();
  town.front.change = ({ url }, answer) => (
    url === "/v1/authority" ? { ...answer, status: 200, body: stranger } : answer);
  try {
    await owner.goesHome();
    await asksForVenue(owner, { name: "Bar Ume" });
    await owner.problem("refused-log");
  } finally {
    town.front.change = null;
  }
  await owner.goesHome();
  await setsUp(owner, { name: "Bar Ume" });
});
