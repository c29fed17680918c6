// What visitors do with the page: the names of its screens, buttons and fields stand here.

import { Browser, until } from "./browser.mjs";
import { show } from "./camera.mjs";

/** A time as a field for date and time takes it, in the zone of the tests' devices. */
export function typed(seconds) {
  const format = new Intl.DateTimeFormat("sv-SE", {
    timeZone: "Asia/Tokyo", dateStyle: "short", timeStyle: "short",
  });
  return format.format(new Date(seconds * 1000)).replace(" ", "T");
}

export class Visitor extends Browser {
  /** Somebody with a new device, who has opened the page of a town. */
  static async arrives(t, town, settings = {}) {
    const visitor = await Browser.create(settings, new Visitor());
    t.after(() => visitor.remove());
    visitor.town = town;
    await visitor.opens();
    await visitor.isKept(settings);
    return visitor;
  }

  /** Opens the page; with a link, as the phone's own camera would. */
  async opens(link = `${this.town.url}/`, page = this.page) {
    await page.goto(link);
    await this.isReady(page);
  }

  /** Starts the browser of before again, and opens the page. */
  async comesBack(settings = {}) {
    await this.start(settings);
    await this.opens();
    await this.isKept(settings);
  }

  /** The service worker has the page's files, or gave up: what it fetches is in nobody's way. */
  async isKept({ clockOff = 0 } = {}) {
    if (clockOff === 0) {
      await this.page.evaluate(() => Promise.race([
        navigator.serviceWorker?.ready.then(() => null),
        new Promise((resolve) => setTimeout(resolve, 10_000)),
      ]));
    }
  }

  /** The page can be used: it has heard from its worker. */
  isReady(page = this.page) {
    return page.locator("html[data-ready]").waitFor();
  }

  /** Opens the scanner of the page before a picture, and reads it. */
  async scans(picture, { view = "straight", until: screen = "arrive" } = {}) {
    await show(this.camera, picture, view);
    await this.does("scan");
    return this.sees(screen);
  }

  /** Gives the page a picture instead. */
  async chooses(picture) {
    await this.does("scan");
    await this.givesPicture(picture);
  }

  /** Types or pastes a link. */
  async pastes(link) {
    await this.does("scan");
    await this.fills("link", link);
    await this.does("read-link");
  }

  fills(field, text, page = this.page) {
    return page.locator(`[data-field="${field}"]:visible`).first().fill(text);
  }

  /** From a poster's link, in the page, to the confirmation. */
  async checksIn(venue) {
    await this.pastes(venue.link);
    await this.sees("arrive");
    await this.does("check-in");
    await this.sees("confirmed");
  }

  /** "I was there earlier." */
  async wasThere(venue, from, to) {
    await this.pastes(venue.link);
    await this.sees("arrive");
    await this.does("earlier");
    await this.fills("from", typed(from));
    await this.fills("to", typed(to));
    await this.does("check-in-earlier");
    await this.sees("confirmed");
    await this.goesHome();
  }

  async goesHome() {
    await this.opens();
    await this.sees("home");
  }

  /** Answers the question "really?" after a button that cannot be undone, where the page asks. */
  async confirms(what) {
    const sure = this.page.locator(`[data-do="confirm-${what}"]:visible`).first();
    await sure.click();
  }

  /** Lets the page look at once, and waits until it has. */
  async looks() {
    await this.hasLooked();
    await this.does("look");
    await this.hasLooked();
  }

  /** The page has looked since it was opened, and does not look now. */
  hasLooked() {
    return this.page.waitForFunction(() => {
      const told = document.querySelector("[data-looked]");
      const isBusy = document.querySelector('[data-looked][aria-busy="true"], [data-do="look"][aria-busy="true"]');
      return told !== null && told.dataset.looked !== "" && isBusy === null;
    });
  }

  /** Ends the visit that the screen shows. */
  async checksOut() {
    const open = this.page.locator("[data-visit]:visible");
    const before = await open.count();
    await this.does("check-out");
    await this.sees("home");
    await until("the visit is closed", async () => (await open.count()) < Math.max(before, 1));
  }

  /** The notices on the screen: their levels, news and words. */
  async notices() {
    return this.page.locator("[data-notice]:visible").evaluateAll((nodes) => nodes.map((node) => ({
      level: node.dataset.notice,
      news: node.dataset.news ?? null,
      words: node.innerText,
    })));
  }

  /** To where an owner answers the authority. */
  async opensAnswer() {
    await this.goesHome();
    await this.does("open-owner");
    await this.does("answer");
    await this.sees("answer");
  }

  /** One visit from its beginning to its end. */
  async checksInAndOut(venue) {
    await this.goesHome();
    await this.checksIn(venue);
    await this.goesHome();
    await this.checksOut();
  }

  /** Gives a picture to the screen that asks for one. */
  givesPicture(picture) {
    return this.page.locator('[data-do="choose-picture"]').first().setInputFiles(picture);
  }

  /** Types what was read out on the telephone. */
  async typesCodes({ code, window_code: windowCode }) {
    await this.fills("upload-code", code);
    await this.fills("window-code", windowCode);
    await this.does("see-handover");
  }

  /** Types what was read out, and gives the words about what it asks for. */
  async seesHandover(opened) {
    await this.typesCodes(opened);
    await this.page.locator('[data-do="hand-over"]:visible').waitFor();
    return this.page.innerText("main");
  }

  /** The sentence about what went wrong. */
  async problem(code) {
    const problem = this.page.locator(`[data-problem="${code}"]:visible`).first();
    try {
      await problem.waitFor();
    } catch {
      const others = await this.page.locator("[data-problem]:visible").evaluateAll((nodes) => (
        nodes.map((node) => node.dataset.problem)));
      throw new Error(`no problem ${code}, but ${others}; ${await this.page.innerText("body")}`);
    }
    return problem.innerText();
  }
}
