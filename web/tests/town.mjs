// A town: an authority at its desk, the real server behind a front that writes down and can lie, venues
// with posters. All of it is done by the real programs in a temporary folder.

import { spawn } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Front } from "./front.mjs";
import { Person, program } from "./person.mjs";

export const MINUTE = 60;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Where all venues are; no example of the page's own says so. */
export const ADDRESS = "7-8-9 Aobadai";

/** Whom visitors can turn to; a policy leaves that to the authority. */
const CONTACTS = [["ja", "相談窓口", "03-0000-0000", "9時から17時"], ["en", "Call centre", "+81-3-0000-0000", "9:00–17:00"]]
  .map(([language, label, value, hours]) => (
    `[[contact]]\nlanguage = "${language}"\nlabel = "${label}"\nvalue = "${value}"\nhours = "${hours}"\n`));

/** The page to try, where it is not the one that is embedded in the server. */
const PAGE = process.env.NOREN_PAGE;
/** Whether the front serves that page, instead of the server. */
const IS_SERVED_BY_FRONT = process.env.NOREN_PAGE_BY === "front";

export function now() {
  return Math.floor(Date.now() / 1000);
}

/** A time as an argument of the command line. */
export function at(seconds) {
  return new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, "Z");
}

export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Waits until something holds, which is asked again and again. */
export async function until(what, holds, milliseconds = 15_000) {
  const end = Date.now() + milliseconds;
  for (;;) {
    const found = await holds();
    if (found) {
      return found;
    }
    if (Date.now() > end) {
      throw new Error(`waited in vain: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

export class Town {
  /**
   * An authority whose keys are three days old, so that devices whose clocks are a day behind know it;
   * devices take its log for a day after it was signed. `connect`: other servers' addresses that the
   * page may ask.
   */
  static async open({ name = "Health office", connect = [] } = {}) {
    const town = new Town();
    town.name = name;
    town.connect = connect;
    town.folder = await mkdtemp(join(tmpdir(), "noren-town-"));
    town.office = new Person(join(town.folder, "office"));
    const port = await freePort();
    town.url = `http://127.0.0.1:${port}`;
    town.behind = await freePort();
    const born = ["--now", String(now() - 3 * DAY)];
    const origin = `${name.toLowerCase().replaceAll(" ", "-")}.example/noren`;
    const shipped = await town.office.noren(["authority", "policy", "show", "plain"]);
    await town.office.write("policy.toml", [shipped.out, ...CONTACTS].join("\n"));
    const words = ["authority", "init", "--name", name, "--origin", origin, "--url", town.url];
    await town.office.json([...words, "--policy", "policy.toml", "--operator", "Sato", ...born]);
    await town.office.json(["authority", "profile", "--out", "profile"]);
    town.front = new Front(port, town.behind, IS_SERVED_BY_FRONT ? { folder: PAGE, connect } : null);
    await town.start();
    await town.front.open();
    await town.desk("heartbeat");
    return town;
  }

  async close() {
    await this.front.close().catch(() => {});
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Starts the server over its data of before. */
  async start() {
    const words = [];
    const settings = PAGE && !IS_SERVED_BY_FRONT ? { NOREN_SERVER_PAGE_FOLDER: PAGE } : {};
    if (this.connect.length > 0 && !IS_SERVED_BY_FRONT) {
      // A list has no form in the environment.
      await this.office.write("server.toml", `[page]\nconnect = ${JSON.stringify(this.connect)}\n`);
      words.push("--config", "server.toml");
    }
    this.server = await serve(this.office, this.behind, words, settings);
  }

  stop() {
    return end(this.server);
  }

  /**
   * Another history of the same log: a copy of the office and of the server, which go on by themselves
   * from here.
   */
  async fork() {
    const fork = Object.assign(new Town(), { name: this.name, url: this.url, connect: this.connect });
    fork.folder = await mkdtemp(join(tmpdir(), "noren-fork-"));
    fork.office = new Person(join(fork.folder, "office"));
    fork.behind = await freePort();
    fork.front = this.front;
    await this.stop();
    await cp(this.office.folder, fork.office.folder, { recursive: true });
    await this.start();
    await fork.start();
    // A desk that finds itself copied signs nothing before it has read its server's log.
    this.front.turnTo(fork.behind);
    await fork.desk("take-over", "--yes");
    this.front.turnTo(this.behind);
    return fork;
  }

  /** What the server itself answers to somebody who asks for a file of the log. */
  async answerOf(path) {
    const answer = await fetch(`http://127.0.0.1:${this.behind}${path}`);
    return Buffer.from(await answer.arrayBuffer());
  }

  /** The profile of somebody who took this authority's name and address, with keys of their own. */
  async impostor() {
    const impostor = new Person(join(this.folder, "impostor"));
    const { name, url } = this;
    const origin = `${name.toLowerCase().replaceAll(" ", "-")}.example/noren`;
    await impostor.json(["authority", "init", "--name", name, "--origin", origin, "--url", url, "--operator", "Sato"]);
    await impostor.json(["authority", "profile", "--out", "profile"]);
    return impostor.read("profile");
  }

  /** A command of the authority's that has to succeed. */
  desk(...words) {
    return this.office.json(["authority", ...words]);
  }

  /** A venue with its codes, valid for ten days before and after unless told otherwise. */
  async venue(name, { from = now() - 10 * DAY, to = now() + 10 * DAY, more = [] } = {}) {
    const owner = new Person(join(this.folder, `venue-${name.replaceAll(/\W/g, "-")}`));
    await owner.write("profile", await this.office.read("profile"));
    const words = ["venue", "setup", "--authority", "profile", "--name", name];
    const place = ["--address", ADDRESS, "--out", "codes", "--no-terminal"];
    const valid = ["--from", at(from), "--to", at(to), "--now", String(Math.min(from, now()))];
    await owner.json([...words, ...place, ...valid, ...more]);
    const [link, trace] = [await owner.text("codes/entry.txt"), await owner.text("codes/trace.txt")];
    return new Venue(this, name, owner, link, trace);
  }

  /** The authority asks about a window; `code` and `window_code` are read out to the venue. */
  ask(venue, from, to) {
    return this.desk("case", "open", "--venue", venue.name, "--from", at(from), "--to", at(to));
  }

  /** From a window to a notice: the venue answers, the authority looks at it and publishes. */
  async warn(venue, from, to, { level = "attention", more = [] } = {}) {
    const opened = await this.ask(venue, from, to);
    await venue.answer(opened);
    await this.desk("review", opened.case);
    await this.desk("publish", "--yes", opened.case, "--level", level, ...more);
    return opened.case;
  }

  /** The same case again, at another level: those who were warned are told. */
  correct(opened, level, more = []) {
    return this.desk("publish", "--yes", opened, "--level", level, ...more);
  }

  withdraw(opened) {
    return this.desk("withdraw", "--yes", opened);
  }

  rotateKeys() {
    return this.desk("rotate-keys", "--yes");
  }

  async fingerprint() {
    return (await this.desk("profile")).fingerprint;
  }
}

class Venue {
  constructor(town, name, owner, link, trace) {
    Object.assign(this, { town, name, owner, link, trace });
  }

  /** What the link carries behind its `#`. */
  get payload() {
    return this.link.slice(this.link.indexOf("#") + 1);
  }

  /** The picture of the poster; drawn once. */
  async poster() {
    this.drawn ??= this.owner.json(["venue", "poster", "--entry", "codes/entry.txt", "--out", "poster"]);
    await this.drawn;
    return this.owner.path("poster", "poster.png");
  }

  /** The picture of the private sheet; drawn once. */
  async sheet() {
    this.kept ??= this.owner.json(["venue", "sheet", "--trace", "codes/trace.txt", "--out", "sheet"]);
    await this.kept;
    return this.owner.path("sheet", "trace-sheet.png");
  }

  /** Hands in what a case asks for. */
  answer({ code, window_code: windowCode }) {
    const words = ["venue", "upload", "--yes", "--authority", this.town.url];
    const files = ["--trace", "codes/trace.txt", "--code-file", "-"];
    return this.owner.json([...words, ...files], `${code} ${windowCode}`);
  }
}

/** Starts a server over the data of an office's folder. */
async function serve(office, port, words, settings) {
  const environment = {
    PATH: process.env.PATH,
    NOREN_SERVER_LISTEN: `127.0.0.1:${port}`,
    NOREN_SERVER_OPS_LISTEN: "127.0.0.1:0",
    ...settings,
  };
  const options = { cwd: office.folder, env: environment, stdio: ["ignore", "pipe", "pipe"] };
  const named = ["--authority", "profile", "--data", "server", ...words];
  const server = spawn(program("noren-server"), named, options);
  const printed = [];
  server.stdout.on("data", (bytes) => printed.push(bytes));
  server.stderr.on("data", (bytes) => printed.push(bytes));
  await until("the server listens", async () => {
    if (server.exitCode !== null) {
      throw new Error(`noren-server ended\n${Buffer.concat(printed)}`);
    }
    return listens(port);
  });
  return server;
}

async function end(server) {
  if (server.exitCode === null && server.signalCode === null) {
    const ended = new Promise((resolve) => server.once("exit", resolve));
    server.kill("SIGKILL");
    await ended;
  }
}

function listens(port) {
  return new Promise((resolve) => {
    const connection = connect(port, "127.0.0.1");
    connection.on("connect", () => resolve(true));
    connection.on("error", () => resolve(false));
    connection.on("connect", () => connection.destroy());
  });
}
