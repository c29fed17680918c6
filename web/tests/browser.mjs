// A visitor's or an owner's browser: Debian's Chromium with a profile folder of its own, whose files can
// be searched, and a camera that sees what a test shows it.

import { mkdtemp, readdir, readFile, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { chromium } from "playwright-core";

import { showNothing } from "./camera.mjs";
import { until } from "./town.mjs";

const CHROMIUM = process.env.NOREN_CHROMIUM ?? "/usr/bin/chromium";

export class Browser {
  /** A new device. `folder` may be given, for a file system of its own. */
  static async create(settings = {}, browser = new Browser()) {
    browser.folder = await mkdtemp(join(tmpdir(), "noren-browser-"));
    browser.profile = settings.profile ?? join(browser.folder, "profile");
    browser.camera = join(browser.folder, "camera.y4m");
    await showNothing(browser.camera);
    await browser.start(settings);
    return browser;
  }

  /**
   * Starts the browser over the profile of before. `camera`: "there", "denied" or "none". `clockOff`:
   * by how many seconds the device's clock is wrong.
   */
  async start({ camera = "there", clockOff = 0, language = "en", width = 390, more = {} } = {}) {
    const words = ["--disable-gpu", "--disable-quic", "--disable-background-networking"];
    words.push("--disable-component-update", "--disable-sync", "--no-first-run");
    // Nothing but this machine can be reached: what a page wanted from elsewhere would fail.
    words.push("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1");
    words.push(camera === "denied" ? "--deny-permission-prompts" : "--use-fake-ui-for-media-stream");
    if (camera !== "none") {
      words.push("--use-fake-device-for-media-stream");
      words.push(`--use-file-for-fake-video-capture=${this.camera}`);
    }
    this.context = await chromium.launchPersistentContext(this.profile, {
      executablePath: CHROMIUM,
      chromiumSandbox: false,
      args: words,
      locale: language,
      timezoneId: "Asia/Tokyo",
      viewport: { width, height: 844 },
      serviceWorkers: clockOff === 0 ? "allow" : "block",
      acceptDownloads: true,
      // An app that is put on the desktop is put there.
      env: { ...process.env, HOME: this.folder },
      ...more,
    });
    this.context.setDefaultTimeout(15_000);
    this.elsewhere = [];
    this.said = [];
    this.context.on("request", (request) => {
      if (!/^(http:\/\/127\.0\.0\.1:|blob:|data:)/.test(request.url())) {
        this.elsewhere.push(request.url());
      }
    });
    this.context.on("console", (message) => this.said.push(`${message.type()}: ${message.text()}`));
    this.context.on("weberror", (error) => this.said.push(`error: ${error.error()}`));
    if (clockOff !== 0) {
      await this.#shiftClock(clockOff);
    }
    this.page = this.context.pages()[0] ?? (await this.context.newPage());
  }

  /** Waits until the browser has written an address into its history, which it does by and by. */
  writesHistory(text) {
    const isOfHistory = (place) => /Default.(History|Sessions)/.test(place);
    return until("the browser writes its history", async () => (
      (await search(this.profile, forms(text))).some(isOfHistory)), 30_000);
  }

  /** Ends it as its owner would. */
  stop() {
    return this.context.close();
  }

  /** Ends it as a crash would: nothing is written any more. */
  async kill() {
    const lock = await readlink(join(this.profile, "SingletonLock"));
    const closed = new Promise((resolve) => this.context.once("close", resolve));
    process.kill(Number(lock.slice(lock.lastIndexOf("-") + 1)), "SIGKILL");
    await closed;
    await rm(join(this.profile, "SingletonLock"), { force: true });
  }

  async remove() {
    await this.context.close().catch(() => {});
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Presses what does something on the page: the `data-do` of a button. */
  does(what, page = this.page) {
    return page.locator(`[data-do="${what}"]:visible`).first().click();
  }

  /** What a button gives to save: the path of that file, on this device. */
  async saves(what) {
    const [download] = await Promise.all([this.page.waitForEvent("download"), this.does(what)]);
    const path = join(this.folder, download.suggestedFilename());
    await download.saveAs(path);
    return path;
  }

  /** Waits for a screen of the page. */
  async sees(screen, page = this.page) {
    const found = page.locator(`[data-screen="${screen}"]:visible`);
    try {
      await found.first().waitFor();
    } catch {
      const shown = await page.locator("[data-screen]:visible").evaluateAll((nodes) => (
        nodes.map((node) => `${node.dataset.screen}: ${node.innerText.slice(0, 400)}`)));
      throw new Error(`no screen ${screen}, but ${shown.join("\n")}\n${this.said.join("\n")}`);
    }
    return found.first();
  }

  // The vault's worker reads the same clock as the page, and nothing of Playwright's reaches it: the
  // shift stands at the head of its program.
  async #shiftClock(seconds) {
    const shift = `{
      const Real = Date;
      const now = () => Real.now() + ${seconds * 1000};
      globalThis.Date = new Proxy(Real, {
        construct: (_, given) => (given.length === 0 ? new Real(now()) : new Real(...given)),
        apply: () => String(new Real(now())),
        get: (_, name) => (name === "now" ? now : Real[name]),
      });
    }\n`;
    await this.context.addInitScript(shift);
    await this.context.route("**/worker.js", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: shift + (await response.text()) });
    });
  }
}

/** Each form in which a text may lie in a browser's files. */
export function forms(text) {
  return {
    [`"${text}" as UTF-8`]: Buffer.from(text, "utf8"),
    [`"${text}" as UTF-16`]: Buffer.from(text, "utf16le"),
  };
}

/** A link's payload as it may lie in a browser's files: as text and as the bytes that it stands for. */
export function formsOfPayload(payload) {
  return { ...forms(payload), "the payload's bytes": Buffer.from(payload, "base64url") };
}

/** In which files of a folder which of the byte strings lie; a browser that runs may write more. */
export async function search(folder, wanted) {
  const found = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) {
      continue;
    }
    const path = join(entry.parentPath ?? entry.path, entry.name);
    // While the browser runs, files come and go.
    const bytes = await readFile(path).catch((error) => {
      if (error.code === "ENOENT") {
        return Buffer.alloc(0);
      }
      throw error;
    });
    for (const [name, needle] of Object.entries(wanted)) {
      if (bytes.includes(needle)) {
        found.push(`${name} in ${path.slice(folder.length + 1)}`);
      }
    }
  }
  return found;
}

export { until };
