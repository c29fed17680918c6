// Makes the nodes of a screen. Words become text and nothing else: no markup is ever read from them.

import type { FailureCode } from "./ask.js";
import { Refusal } from "./phone.js";
import { ScanFailure, type ScanProblem } from "./scan-failure.js";
import { texts } from "./texts.js";

export type Child = Node | string | null;
export type Attribute = string | number | boolean | null | ((event: Event) => void);
export type Attributes = Record<string, Attribute>;
type Press = () => void | Promise<void>;

/** Browsers write what such elements hold into files of their own, to show it again: a time, a name, a
 * file. They leave it alone where the element and its form say so. [WEB-19] */
const WRITTEN_DOWN = new Set(["form", "input", "select", "textarea"]);

/** Makes an element; a function among the attributes listens, as `onclick` does. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (WRITTEN_DOWN.has(tag)) {
    made.setAttribute("autocomplete", "off");
  }
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      made.addEventListener(name.slice(2), value);
    } else if (value !== null && value !== false) {
      made.setAttribute(name, value === true ? "" : String(value));
    }
  }
  made.append(...children.filter((child) => child !== null).map((child) => (
    typeof child === "string" ? child.replace(UNSEEN, "\u{fffd}") : child)));
  return made;
}

/** Signs that draw nothing or turn the order of others: by them two names could differ and look the same.
 * Those that join letters and choose their shape belong to words. [WEB-25] */
const UNSEEN = /[\u{ad}\u{34f}\u{61c}\u{115f}\u{1160}\u{17b4}\u{17b5}\u{180e}\u{200b}\u{200e}\u{200f}\u{2028}-\u{202e}\u{2060}-\u{206f}\u{2800}\u{3164}\u{feff}\u{ffa0}\u{fff9}-\u{fffb}\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e007f}]/gu;

export function text(...children: Child[]): HTMLElement {
  return element("p", {}, ...children);
}

export function note(...children: Child[]): HTMLElement {
  return element("p", { class: "note" }, ...children);
}

export function list(...items: Child[]): HTMLElement {
  return element("ul", {}, ...items.map((item) => element("li", {}, item)));
}

export function facts(...pairs: (readonly [string, Child])[]): HTMLElement {
  const told = pairs.filter(([, value]) => value !== null && value !== "");
  const rows = told.map(([name, value]) =>
    element("div", {}, element("dt", {}, name), element("dd", {}, value)));
  return element("dl", { class: "facts" }, ...rows);
}

export function section(heading: string, ...children: Child[]): HTMLElement {
  return element("section", { class: "card" }, element("h2", {}, heading), ...children);
}

export function buttons(...children: Child[]): HTMLElement {
  return element("div", { class: "buttons" }, ...children);
}

/** A button. While its press lasts it takes no other; what the press throws is said before it. */
export function button(does: string, label: string, press: Press, look = ""): HTMLButtonElement {
  const made = element("button", { type: "button", "data-do": does, class: look || null }, label);
  made.addEventListener("click", () => void run(made, press));
  return made;
}

/** What a visitor fills in, and its button; the Enter key presses it. */
export function form(press: HTMLButtonElement, ...children: Child[]): HTMLFormElement {
  // Browsers submit by Enter only where there is one field, or a button whose press they see as well.
  const entered = (event: Event): void => {
    const { target } = event;
    const isText = target instanceof HTMLInputElement && target.type !== "file" && target.type !== "checkbox";
    if (isText && (event as KeyboardEvent).key === "Enter" && !(event as KeyboardEvent).isComposing) {
      event.preventDefault();
      press.click();
    }
  };
  const attributes = { novalidate: true, onkeydown: entered, onsubmit: (event: Event) => event.preventDefault() };
  return element("form", attributes, ...children, buttons(press));
}

export interface Row<E extends HTMLElement> {
  row: HTMLElement;
  input: E;
}

type FieldAttributes = Attributes & { hint?: string };

/** A field with its label, and a hint that is read out with it. */
export function field(name: string, label: string, given: FieldAttributes = {}): Row<HTMLInputElement> {
  const { hint, ...attributes } = given;
  const input = element("input", { id: fresh(name), "data-field": name, ...attributes });
  return { row: labelled(input, label, hint), input };
}

/** A field of several lines. */
export function lines(name: string, label: string, given: FieldAttributes = {}): Row<HTMLTextAreaElement> {
  const { hint, ...attributes } = given;
  const input = element("textarea", { id: fresh(name), "data-field": name, rows: 3, ...attributes });
  return { row: labelled(input, label, hint), input };
}

/** One of several. */
export function choice(
  name: string,
  label: string,
  options: readonly (readonly [string, string])[],
  chosen = "",
): Row<HTMLSelectElement> {
  const all = options.map(([value, words]) =>
    element("option", { value, selected: value === chosen }, words));
  const input = element("select", { id: fresh(name), "data-field": name }, ...all);
  return { row: labelled(input, label), input };
}

/** Yes or no, taken at once. */
export function tick(does: string, label: string, isOn: boolean, change: (isOn: boolean) => Promise<void>): HTMLElement {
  const input = element("input", { type: "checkbox", id: fresh(does), "data-do": does, checked: isOn });
  const changed = async (): Promise<void> => {
    const before = !input.checked;
    await change(input.checked).catch((error: unknown) => {
      input.checked = before;
      throw error;
    });
  };
  input.addEventListener("change", () => void run(input, changed));
  return element("div", { class: "tick" }, input, element("label", { for: input.id }, label));
}

/** A file of the device: a picture, an export, a spreadsheet. */
export function filePicker(
  does: string,
  label: string,
  accept: string,
  picked: (file: File) => Promise<void>,
): HTMLElement {
  const input = element("input", { type: "file", id: fresh(does), "data-do": does, accept });
  const changed = async (): Promise<void> => {
    const file = input.files?.[0];
    if (file !== undefined) {
      await picked(file).finally(() => (input.value = ""));
    }
  };
  input.addEventListener("change", () => void run(input, changed));
  return element("div", { class: "field" }, element("label", { for: input.id }, label), input);
}

/** What only some want to see. */
export function more(does: string, summary: string, ...children: Child[]): HTMLDetailsElement {
  return element("details", { "data-do": does },
    element("summary", { "data-do": `open-${does}` }, summary), ...children);
}

/** Says what went wrong, in the visitor's language, just before what was pressed. */
export function tellProblem(near: HTMLElement, error: unknown): void {
  untell();
  const code = codeOf(error);
  const told = problem(code, error instanceof Refusal ? error.detail : "");
  (near.closest(".buttons, .field, .tick") ?? near).before(told);
  told.scrollIntoView({ block: "nearest" });
}

/** Takes back what was said to have gone wrong. */
export function untell(): void {
  document.querySelectorAll(".problem.told").forEach((told) => told.remove());
}

/** The sentence for a code, as an element; it is read out when it appears. */
export function problem(code: FailureCode | ScanProblem, detail = ""): HTMLElement {
  const told = element("p", { class: "problem told", role: "alert", "data-problem": code }, texts.problems[code]);
  // For whoever helps: what nobody can act on without it.
  if (detail !== "" && (code === "defect" || code === "refused-log" || code === "bad-form")) {
    told.append(element("small", { lang: "en" }, detail));
  }
  if (code === "elsewhere") {
    told.append(" ", element("a", { href: detail, rel: "noreferrer" }, detail));
  }
  return told;
}

function codeOf(error: unknown): FailureCode | ScanProblem {
  if (error instanceof Refusal) {
    return error.code;
  }
  return error instanceof ScanFailure ? error.problem : "defect";
}

async function run(pressed: HTMLElement, press: Press): Promise<void> {
  if (pressed.getAttribute("aria-busy") === "true") {
    return;
  }
  untell();
  pressed.setAttribute("aria-busy", "true");
  try {
    await press();
  } catch (error) {
    tellProblem(pressed, error);
  } finally {
    pressed.removeAttribute("aria-busy");
  }
}

function labelled(input: HTMLElement, label: string, hint?: string): HTMLElement {
  const row = element("div", { class: "field" }, element("label", { for: input.id }, label), input);
  if (hint !== undefined) {
    const told = element("span", { class: "note", id: `${input.id}-hint` }, hint);
    input.setAttribute("aria-describedby", told.id);
    input.before(told);
  }
  return row;
}

let made = 0;

function fresh(name: string): string {
  made += 1;
  return `${name}-${made}`;
}
