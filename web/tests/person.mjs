// Somebody at a terminal: the real programs, a home of their own, files beside it.

import { spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** The folder of `noren` and `noren-server`. */
const PROGRAMS = process.env.NOREN_PROGRAMS;

export function program(name) {
  if (!PROGRAMS) {
    throw new Error("NOREN_PROGRAMS has to name the folder of noren and noren-server");
  }
  return join(PROGRAMS, name);
}

export class Person {
  /** `folder` holds everything that this person has. */
  constructor(folder) {
    this.folder = folder;
  }

  path(...names) {
    return join(this.folder, ...names);
  }

  async write(name, bytes) {
    await mkdir(dirname(this.path(name)), { recursive: true });
    await writeFile(this.path(name), bytes);
  }

  read(name) {
    return readFile(this.path(name));
  }

  async text(name) {
    return (await readFile(this.path(name), "utf8")).trim();
  }

  /** Runs a command, however it ends. Secrets are read from the standard input, as at a terminal. */
  async noren(words, input = "") {
    await mkdir(this.folder, { recursive: true });
    const environment = {
      PATH: process.env.PATH,
      NOREN_HOME: this.path("home"),
      NOREN_STATE: this.path("state"),
      TZ: "UTC",
    };
    return run(program("noren"), words, { cwd: this.folder, env: environment }, input);
  }

  /** Runs a command that has to end with 0, and reads the JSON that it prints. */
  async json(words, input = "") {
    const ran = await this.noren(["--json", ...words], input);
    if (ran.code !== 0) {
      throw new Error(`noren ${words.join(" ")} ended with ${ran.code}\n${ran.out}${ran.err}`);
    }
    return ran.out.trim() === "" ? null : JSON.parse(ran.out);
  }
}

/** Runs a program to its end: its exit code, and what it printed. */
export function run(file, words, options = {}, input = "") {
  return new Promise((resolve, reject) => {
    const child = spawn(file, words, { ...options, stdio: ["pipe", "pipe", "pipe"] });
    const printed = { out: [], err: [] };
    child.stdout.on("data", (bytes) => printed.out.push(bytes));
    child.stderr.on("data", (bytes) => printed.err.push(bytes));
    child.on("error", reject);
    child.on("close", (code) => {
      const text = (parts) => Buffer.concat(parts).toString("utf8");
      resolve({ code, out: text(printed.out), err: text(printed.err) });
    });
    // A command that needs no input may have closed it.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}

/** Runs a program that has to end with 0; what it printed. */
export async function does(file, words, options = {}) {
  const ran = await run(file, words, options);
  if (ran.code !== 0) {
    throw new Error(`${file} ${words.join(" ")} ended with ${ran.code}\n${ran.err}`);
  }
  return ran.out;
}
