// What goes wrong for an owner, in words for owners: the page's own sentences speak to visitors.

import type { FailureCode } from "../ask.js";
import { button, element } from "../elements.js";
import { Refusal } from "../phone.js";
import { PressFailure } from "./press.js";
import { words } from "./texts.js";

export type Sentences = Partial<Record<FailureCode, string>>;

/** A button whose failures are told in these sentences; the page has one for each that is not here. */
export function act(
  does: string,
  label: string,
  press: () => void | Promise<void>,
  sentences: () => Sentences = () => ({}),
  look = "",
): HTMLButtonElement {
  const made: HTMLButtonElement = button(does, label, () => telling(() => made, press, sentences), look);
  return made;
}

/** The same for what is no button, like a file that was chosen. */
export async function telling(
  near: () => HTMLElement,
  press: () => void | Promise<void>,
  sentences: () => Sentences,
): Promise<void> {
  try {
    await press();
  } catch (error) {
    const told = sentenceOf(error, sentences());
    if (told === null) {
      throw error;
    }
    const element = sentence(...told);
    (near().closest(".buttons, .field") ?? near()).before(element);
    element.scrollIntoView({ block: "nearest" });
  }
}

/** A sentence about what went wrong; the next press takes it away. */
export function sentence(code: string, told: string): HTMLElement {
  return element("p", { class: "problem told", role: "alert", "data-problem": code }, told);
}

/** What is wrong with the drawing of a paper. */
export function pressSentence(failure: PressFailure): string {
  const { press } = words;
  return failure.problem === "missing-character" ? press.missingCharacter(failure.character) : press[failure.problem];
}

function sentenceOf(error: unknown, sentences: Sentences): [string, string] | null {
  if (error instanceof PressFailure) {
    return [error.problem, pressSentence(error)];
  }
  const told = error instanceof Refusal ? sentences[error.code] : undefined;
  return error instanceof Refusal && told !== undefined ? [error.code, told] : null;
}
