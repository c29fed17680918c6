// Spreadsheets of rooms, as the page reads them: the same that the command line takes and refuses, each
// mistake told by its line and column; and the archive in which the rooms are saved.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { does } from "./person.mjs";

const PAGE = resolve(process.env.NOREN_PAGE ?? join(import.meta.dirname, "..", "built"));

let rows;
let archive;

before(async () => {
  // What the page's programs ask a browser for before they speak.
  globalThis.document = { documentElement: {} };
  Object.defineProperty(globalThis, "navigator", { value: { languages: ["en"] }, configurable: true });
  const program = (path) => import(pathToFileURL(join(PAGE, path)).href);
  await (await program("texts.js")).startLanguage();
  await (await program("owner/texts.js")).speak();
  rows = await program("owner/rows.js");
  ({ archive } = await program("archive.js"));
});

test("spreadsheets of every country are read [PST-7]", () => {
  for (const text of [
    "name,address,room\nA,Minato,2F\n",
    "Name;Address;Room\r\nA;Minato;2F\r\n;;\r\n",
    "room\taddress\tNAME\n2F\t Minato \tA\n\n",
    '"name","address","room","kind"\n"A","Minato","2F",""',
    "name,address,room,,,\nA,Minato,2F,,,,,,\n,,,,,\n",
    "name,address,room,kind\nA,Minato,2F\n",
    "name,address,room\rA,Minato,2F\r",
    "ｎａｍｅ,ADDRESS, Room\u{a0}\n\u{200b}A\u{3000},\u{feff}Minato,2F\n",
  ]) {
    const { rooms, mistakes } = rows.roomsIn(text);
    assert.deepEqual(mistakes, [], text);
    const read = rooms.map(({ line, form }) => [line, form.name, form.address, form.room]);
    assert.deepEqual(read, [[2, "A", "Minato", "2F"]], text);
  }
  const { rooms } = rows.roomsIn('name,address\n"A ""B"", C","x\ny"\nD,E\n');
  assert.deepEqual(rooms.map(({ line, form }) => [line, form.name]), [[2, 'A "B", C'], [4, "D"]]);
});

test("every mistake is told by line and column [PST-7]", () => {
  const long = "x".repeat(101);
  for (const [row, line, told] of [
    [",b,,,,,", 2, "name: "],
    ["a,,,,,,", 2, "address: "],
    [`${long},b,,,,,`, 2, "name: "],
    [`a,${long},,,,,`, 2, "address: "],
    [`a,b,${"x".repeat(33)},,,,`, 2, "room: "],
    ["a,b,,volcano,,,", 2, "kind: "],
    ["a,b,,toString,,,", 2, "kind: "],
    ["a,b,,,13h,,", 2, "stay: "],
    ["a,b,,,0m,,", 2, "stay: "],
    ["a,b,,,90,,", 2, "stay: "],
    ["a,b,,,soon,,", 2, "stay: "],
    ["a,b,,,,yesterday,", 2, "from: "],
    ["a,b,,,,,2099-02-30", 2, "to: "],
    ["a,b,,,,2099-04-02 18:00,2099-04-02 17:00", 2, "to: The end"],
    ["a,b,,,,2020-04-02 18:00,2020-04-02 19:00", 2, "to: This is over"],
    ["a,b,,,,,,c", 2, "More cells"],
    ["ジム梅田,b,,,,,\nｼﾞﾑ梅田,b,,,,,", 3, "The same as line 2"],
    ["Bar A,b,,,,,\nBAR\u{3000}A,Ｂ,,,,,", 3, "The same as line 2"],
    ["a,b,1–2,,,,\na,b,1-2,,,,", 3, "The same as line 2"],
    ["\u{3164},b,,,,,", 2, "name: "],
    ["a,b,,,,,\n\na,b,,,,,", 4, "The same as line 2"],
    ['"a\nb",b,,,,,\nc,,,,,,', 4, "address: "],
    ['a,b,,,,,\n"c,d,,,\n\n', 3, "A quotation mark"],
  ]) {
    const { mistakes } = rows.roomsIn(`name,address,room,kind,stay,from,to\n${row}\n`);
    const found = mistakes.some((mistake) => mistake.line === line && mistake.told.startsWith(told));
    assert.ok(found, `${row}: ${JSON.stringify(mistakes)}`);
  }
  for (const [text, told] of [
    ["", "The column name is missing"],
    ["name,adress\na,b\n", "“adress” is no column"],
    ["name,room\na,b\n", "The column address is missing"],
    ["name,address,name\na,b,c\n", "The column name is there twice"],
    ["name,address\n", "There is no row"],
    [`name,address\n${Array.from({ length: 301 }, (_, row) => `a${row},b\n`).join("")}`, "More than 300"],
  ]) {
    const { mistakes } = rows.roomsIn(text);
    assert.ok(mistakes[0]?.told.startsWith(told), `${text.slice(0, 40)}: ${mistakes[0]?.told}`);
  }
});

test("stays and times are read as the heading's explanation writes them", () => {
  const lengths = ["2h", "90m", "1h30m", "1h 30m", "２ｈ", "45 min", "", "h", "2", "1.5h"];
  assert.deepEqual(lengths.map(rows.minutesIn), [120, 90, 90, 90, 120, 45, null, null, null, null]);
  const time = (text, days = 0) => rows.timeIn(text, days);
  assert.equal(time("2026-11-26 18:00"), new Date(2026, 10, 26, 18).getTime() / 1000);
  assert.equal(time("2026/11/26T18:00"), time("2026-11-26 18:00"));
  assert.equal(time("2026-11-26", 1), new Date(2026, 10, 27).getTime() / 1000);
  for (const text of ["2026-11-26 25:00", "2026-13-01", "2026-02-30", "26.11.2026", "18:00"]) {
    assert.equal(time(text), null, text);
  }
});

test("other programs open the archive and find each file as it was", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "noren-archive-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const files = [["掲示用/1-のれん.pdf", "%PDF-1.7 一"], ["非公開/1-のれん.pdf", ""], ["private/2.pdf", "x".repeat(70_000)]];
  const stored = files.map(([path, text]) => ({ path, bytes: new TextEncoder().encode(text) }));
  const parts = archive(stored, new Date(2026, 10, 26, 18, 30, 58));
  await writeFile(join(folder, "rooms.zip"), Buffer.concat(parts));
  const read = [
    "import json, sys, zipfile",
    "z = zipfile.ZipFile(sys.argv[1])",
    "assert z.testzip() is None",
    "print(json.dumps([[i.filename, z.read(i).decode(), i.date_time] for i in z.infolist()]))",
  ].join("\n");
  const found = JSON.parse(await does("python3", ["-c", read, join(folder, "rooms.zip")]));
  assert.deepEqual(found, files.map(([path, text]) => [path, text, [2026, 11, 26, 18, 30, 58]]));
});
