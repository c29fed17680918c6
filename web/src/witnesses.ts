// Which witnesses have to have seen an authority's list: a visitor's own choice, beside what is pinned.
// Nothing that is downloaded changes it. [WEB-26]

import type { Authority, Witnesses } from "./ask.js";
import { button, field, form, lines, more, note, text } from "./elements.js";
import type { Frame } from "./frame.js";
import { Refusal, ask } from "./phone.js";
import { texts } from "./texts.js";

/** The fields, and what stands in them: null where nobody is asked for. */
export function witnessFields(asked: Witnesses | null): { rows: HTMLElement[]; read: () => Witnesses | null } {
  const { witnesses } = texts;
  const keys = lines("witnesses", witnesses.keys, { autocomplete: "off", autocapitalize: "off", spellcheck: "false" });
  keys.input.value = asked?.keys.join("\n") ?? "";
  const least = field("least", witnesses.least, {
    type: "number", min: "1", inputmode: "numeric", autocomplete: "off", hint: witnesses.leastHint,
  });
  least.input.value = asked?.least.toString() ?? "";
  const read = (): Witnesses | null => {
    const given = keys.input.value.split(/\s+/).filter((key) => key !== "");
    const number = least.input.value.trim() === "" ? given.length : least.input.valueAsNumber;
    if (!Number.isInteger(number) || number < 0) {
      throw new Refusal({ code: "bad-form", detail: "" });
    }
    return given.length === 0 ? null : { least: number, keys: given };
  };
  return { rows: [text(witnesses.why), keys.row, least.row], read };
}

/** What is asked for of an authority that is followed, and how to ask otherwise. */
export function witnessForm(frame: Frame, { name, fingerprint, witnesses: asked }: Authority): Node[] {
  const { witnesses } = texts;
  const { rows, read } = witnessFields(asked);
  const save = button("ask-witnesses", witnesses.save, async () => {
    await ask("ask-witnesses", { fingerprint, witnesses: read() });
    frame.say(witnesses.saved);
  });
  save.setAttribute("aria-label", `${witnesses.save}: ${name}`);
  return [...askedFor(asked), more("witnesses", witnesses.heading, form(save, ...rows))];
}

/** How many are asked for, in words; nothing where none are. */
export function askedFor(asked: Witnesses | null): Node[] {
  return asked === null ? [] : [note(texts.witnesses.asked(asked.least, asked.keys.length))];
}
