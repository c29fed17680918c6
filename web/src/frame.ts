// What stands around every screen: the header with home and language, one screen at a time, and the
// place where confirmations are said.

import type { State } from "./ask.js";
import { button, element } from "./elements.js";
import { ask, onState } from "./phone.js";
import { LANGUAGES, type Language, chooseLanguage, language, texts } from "./texts.js";

export interface Screen {
  name: string;
  title: string;
  back?: (() => void) | null;
  nodes: Node[];
}

export type Draw = () => Screen | Promise<Screen>;

interface Live {
  of: (state: State) => unknown;
  draw: (state: State) => Node[];
  place: HTMLElement;
  shown: string;
}

export class Frame {
  /** What the worker last told; null until it has. */
  state: State | null = null;
  /** The screen that is shown. */
  name = "";
  /** Asked before a screen is left whose contents would be lost. */
  mayLeave: (() => boolean | Promise<boolean>) | null = null;

  #home: () => void;
  #draw: Draw | null = null;
  #leave: (() => void) | null = null;
  #live: Live[] = [];
  #listeners = new Set<(state: State) => void>();
  #onScreen: () => void = () => {};
  #time = 0;
  #next = ""; // what the next screen says
  #isAsking = false;
  #isDeep = false; // whether the browser's "back" leads to the home screen
  #header = element("header");
  #main = element("main", { tabindex: -1 });
  #said = element("p", { class: "said", role: "status" });
  #footer = element("footer");

  constructor(home: () => void) {
    this.#home = home;
    document.body.replaceChildren(this.#header, this.#said, this.#main, this.#footer);
    onState((state) => this.hear(state));
    addEventListener("popstate", () => {
      // A link that is opened in this tab has a screen of its own.
      if (this.#isDeep && !location.href.includes("#")) {
        this.#isDeep = false;
        this.#home();
      }
    });
  }

  /** Shows a screen; `leave` is called when another takes its place. */
  async show(draw: Draw, leave: (() => void) | null = null): Promise<void> {
    if (this.#isAsking || !(await this.#mayLeave())) {
      return;
    }
    this.mayLeave = null;
    this.#leave?.();
    this.#leave = leave;
    this.#draw = draw;
    this.#said.textContent = this.#next;
    this.#next = "";
    await this.#redraw(true);
  }

  /** Draws the screen again where it stands. */
  redraw(): Promise<void> {
    return this.#redraw(false);
  }

  /** Shows the home screen, and says there what is done. */
  home(sentence = ""): void {
    this.#next = sentence;
    if (this.#isDeep && this.mayLeave === null) {
      history.back();
    } else {
      this.#home();
    }
  }

  /** Says that something is done. */
  say(sentence: string): void {
    this.#said.textContent = sentence;
  }

  /** Takes what the worker told, and draws again what shows it. */
  hear(state: State): void {
    this.state = state;
    this.#live.forEach((part) => this.#refresh(part));
    this.#listeners.forEach((listener) => listener(state));
  }

  /** Calls back after each change, once the screen shows it; returns how to stop that. */
  onState(listener: (state: State) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls back now and whenever another screen is shown. */
  onScreen(listener: () => void): void {
    this.#onScreen = listener;
    listener();
  }

  /** A part of the screen that is drawn again when what it shows of the state changes. */
  live(of: (state: State) => unknown, draw: (state: State) => Node[]): HTMLElement {
    const part: Live = { of, draw, place: element("div", { class: "live" }), shown: "" };
    this.#live.push(part);
    this.#refresh(part);
    return part.place;
  }

  /** Asks whether the screen may be left, one question at a time. */
  async #mayLeave(): Promise<boolean> {
    this.#isAsking = true;
    try {
      return this.mayLeave === null || (await this.mayLeave());
    } finally {
      this.#isAsking = false;
    }
  }

  async #redraw(isNew: boolean): Promise<void> {
    const time = (this.#time += 1);
    this.#live = [];
    const screen = await this.#draw?.();
    if (screen === undefined || time !== this.#time) {
      return;
    }
    document.title = texts.title;
    this.#drawFrame();
    this.#main.dataset["screen"] = screen.name;
    const back = screen.back ? button("back", texts.back, screen.back, "quiet back") : null;
    const heading = element("h1", { tabindex: -1 }, screen.title);
    this.#main.replaceChildren(...(back ? [back] : []), heading, ...screen.nodes);
    const isFirst = this.name === "";
    this.name = screen.name;
    this.#onScreen();
    document.documentElement.dataset["ready"] = "";
    if (isNew && !isFirst) {
      this.#remember(screen.name);
      scrollTo(0, 0);
      heading.focus({ preventScroll: true });
    }
  }

  #remember(name: string): void {
    if (name !== "home" && !this.#isDeep) {
      this.#isDeep = true;
      history.pushState(null, "");
    }
  }

  #drawFrame(): void {
    const mark = element("button", { type: "button", class: "mark", "data-do": "home", "aria-label": `Noren: ${texts.home}` },
      element("span", { class: "curtain", "aria-hidden": "true" }), "Noren");
    mark.addEventListener("click", () => this.home());
    const options = Object.entries(LANGUAGES).map(([value, name]) =>
      element("option", { value, lang: value, selected: value === language }, name));
    const select = element("select", { "data-do": "language", "data-language": language, "aria-label": texts.language },
      ...options);
    select.addEventListener("change", () => void this.#speak(select.value as Language));
    this.#header.replaceChildren(mark, select);
    this.#footer.replaceChildren(element("p", { class: "note" }, texts.footer(location.host)));
  }

  async #speak(chosen: Language): Promise<void> {
    await chooseLanguage(chosen);
    await ask("speak", { languages: [language, "en"] }).catch(() => null);
    await this.#redraw(false);
    this.#header.querySelector("select")?.focus();
  }


  #refresh(part: Live): void {
    if (this.state === null) {
      return;
    }
    const shown = JSON.stringify(part.of(this.state));
    if (shown === part.shown) {
      return;
    }
    part.shown = shown;
    // Whoever uses the keyboard stays where they were.
    const focus = part.place.contains(document.activeElement) ? document.activeElement : null;
    const does = focus instanceof HTMLElement ? focus.dataset["do"] : undefined;
    part.place.replaceChildren(...part.draw(this.state));
    if (focus !== null) {
      const same = does === undefined ? null : part.place.querySelector<HTMLElement>(`[data-do="${does}"]`);
      (same ?? this.#main.querySelector("h1"))?.focus({ preventScroll: true });
    }
  }
}
