// A town: an authority at its desk, the real server behind a front that writes down and can lie, venues
// with posters. All of it is done by the real programs in a temporary folder.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Front } from "./front.mjs";
import { Person, program } from "./person.mjs";

export const MINUTE = 60;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

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
   * devices take its log for a day after it was signed.
   */
  static async open({ name = "Health office", policy = "plain", more = [] } = {}) {
    const town = new Town();
    town.name = name;
    town.folder = await mkdtemp(join(tmpdir(), "noren-town-"));
    town.office = new Person(join(town.folder, "office"));
    const port = await freePort();
    town.url = `http://127.0.0.1:${port}`;
    town.behind = await freePort();
    const born = ["--now", String(now() - 3 * DAY)];
    const origin = `${name.toLowerCase().replaceAll(" ", "-")}.example/noren`;
    const words = ["authority", "init", "--name", name, "--origin", origin, "--url", town.url];
    await town.office.json([...words, "--policy", policy, "--operator", "Sato", ...more, ...born]);
    await town.office.json(["authority", "profile", "--out", "profile"]);
    town.front = new Front(port, town.behind, IS_SERVED_BY_FRONT ? PAGE : null);
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
    const environment = {
      PATH: process.env.PATH,
      NOREN_SERVER_LISTEN: `127.0.0.1:${this.behind}`,
      NOREN_SERVER_OPS_LISTEN: "127.0.0.1:0",
    };
    if (PAGE && !IS_SERVED_BY_FRONT) {
      environment.NOREN_SERVER_PAGE_FOLDER = PAGE;
    }
    const words = ["--authority", "profile", "--data", "server"];
    const options = { cwd: this.office.folder, env: environment, stdio: ["ignore", "pipe", "pipe"] };
    const server = spawn(program("noren-server"), words, options);
    const printed = [];
    server.stdout.on("data", (bytes) => printed.push(bytes));
    server.stderr.on("data", (bytes) => printed.push(bytes));
    this.server = server;
    await until("the server listens", async () => {
      if (server.exitCode !== null) {
        throw new Error(`noren-server ended\n${Buffer.concat(printed)}`);
      }
      return listens(this.behind);
    });
  }

  async stop() {
    if (this.server.exitCode === null && this.server.signalCode === null) {
      const ended = new Promise((resolve) => this.server.once("exit", resolve));
      this.server.kill("SIGKILL");
      await ended;
    }
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
    const place = ["--address", "1-2-3 Minato", "--out", "codes", "--no-terminal"];
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

  /** The picture of what is printed: "a4", "tent", "screen" or "slips". */
  async poster(form = "a4", more = []) {
    const words = ["venue", "poster", "--entry", "codes/entry.txt", "--form", form, "--out", form];
    const drawn = await this.owner.json([...words, "--time-zone", "Asia/Tokyo", ...more]);
    return this.owner.path(drawn.picture ?? `${form}/poster.png`);
  }

  /** The picture of the private sheet. */
  async sheet() {
    await this.owner.json(["venue", "sheet", "--trace", "codes/trace.txt", "--out", "sheet"]);
    return this.owner.path("sheet", "trace-sheet.png");
  }

  /** Hands in what a case asks for. */
  answer({ code, window_code: windowCode }) {
    const words = ["venue", "upload", "--yes", "--authority", this.town.url];
    const files = ["--trace", "codes/trace.txt", "--code-file", "-"];
    return this.owner.json([...words, ...files], `${code} ${windowCode}`);
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
