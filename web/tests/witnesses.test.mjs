// Witnesses that a visitor asks for: real ones, which a real office asks before it publishes. [WEB-26]

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";

import { program } from "./person.mjs";
import { HOUR, Town, now } from "./town.mjs";
import { Visitor } from "./visitor.mjs";

let town;
let harbour;
const serving = [];

before(async () => {
  harbour = await Town.open({ name: "Harbour office" });
  town = await Town.open({ connect: [harbour.url] });
  for (const name of ["w1.example", "w2.example"]) {
    serving.push(await witness(name));
  }
});

after(async () => {
  serving.forEach(({ child }) => child.kill("SIGKILL"));
  await town?.close();
  await harbour?.close();
});

/** A witness of the town's log: its verifier key and its address. */
async function witness(name) {
  const folder = join(town.folder, name);
  await mkdir(folder);
  const words = ["--json", "auditor", "witness", "--name", name, "--listen", "127.0.0.1:0", town.url];
  const env = { PATH: process.env.PATH, NOREN_HOME: join(folder, "home"), NOREN_STATE: join(folder, "state") };
  const child = spawn(program("noren"), words, { cwd: folder, env, stdio: ["ignore", "pipe", "ignore"] });
  const line = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("exit", () => reject(new Error(`${name} ended`)));
  });
  const { vkey, listening } = JSON.parse(line);
  return { child, vkey, url: `http://${listening}` };
}

async function keeps(visitor) {
  await visitor.goesHome();
  await visitor.does("open-kept");
  await visitor.sees("kept");
}

/** Asks for at least so many of these, at the town's office. */
async function asksFor(visitor, least, keys) {
  await keeps(visitor);
  await visitor.does("open-witnesses");
  await visitor.fills("witnesses", keys.join("\n"));
  await visitor.fills("least", least);
  await visitor.does("ask-witnesses");
}

test("a list that too few have seen warns nobody, is told as that, and warns once they have [WEB-26]", async (t) => {
  const bar = await town.venue("Bar Kurotsubaki");
  const visitor = await Visitor.arrives(t, town);
  await visitor.hasLooked();
  const arrival = now() - 5 * HOUR;
  await visitor.wasThere(bar, arrival, arrival + HOUR);
  await visitor.looks();
  const keys = serving.map(({ vkey }) => vkey);
  // What is no policy changes nothing: more than there are, no key, the office itself.
  const own = (await town.desk("vkey")).time;
  for (const [least, wrong] of [["3", keys], ["1", ["w1.example"]], ["1", [own]]]) {
    await asksFor(visitor, least, wrong);
    await visitor.problem("bad-form");
  }
  await asksFor(visitor, "2", keys);
  await visitor.page.getByText("At least 2 of 2 witnesses").first().waitFor();
  await town.warn(bar, arrival, arrival + HOUR);
  await visitor.goesHome();
  await visitor.looks();
  await visitor.problem("too-few-witnesses");
  assert.equal((await visitor.notices()).length, 0);
  // One of two, and new keys: what is asked for is kept, and stays.
  await town.desk("witness", "add", serving[0].vkey, serving[0].url);
  await town.rotateKeys();
  await town.desk("heartbeat");
  await visitor.stop();
  await visitor.comesBack();
  await visitor.looks();
  await visitor.problem("too-few-witnesses");
  assert.equal((await visitor.notices()).length, 0);
  await town.desk("witness", "add", serving[1].vkey, serving[1].url);
  await town.desk("heartbeat");
  await visitor.looks();
  assert.equal(await visitor.page.locator('[data-problem="too-few-witnesses"]:visible').count(), 0);
  assert.equal((await visitor.notices()).length, 1);
});

test("who follows another authority asks for witnesses at once [WEB-26]", async (t) => {
  const visitor = await Visitor.arrives(t, town);
  await visitor.hasLooked();
  await keeps(visitor);
  await visitor.fills("address", harbour.url);
  await visitor.does("follow");
  await visitor.sees("authority");
  await visitor.does("open-witnesses");
  await visitor.fills("witnesses", "no key");
  await visitor.does("confirm-follow");
  await visitor.problem("bad-form");
  await visitor.fills("witnesses", serving[0].vkey);
  await visitor.does("confirm-follow");
  await visitor.sees("kept");
  await visitor.page.getByText("At least 1 of 1 witnesses").first().waitFor();
  await visitor.goesHome();
  await visitor.looks();
  await visitor.problem("too-few-witnesses");
});
