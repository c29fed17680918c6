import { button, field, form, lines, more, note, text } from "./elements.js";
import { Refusal, ask } from "./phone.js";
import { texts } from "./texts.js";
export function witnessFields(asked) {
    const { witnesses } = texts;
    const keys = lines("witnesses", witnesses.keys, { autocomplete: "off", autocapitalize: "off", spellcheck: "false" });
    keys.input.value = asked?.keys.join("\n") ?? "";
    const least = field("least", witnesses.least, {
        type: "number", min: "1", inputmode: "numeric", autocomplete: "off", hint: witnesses.leastHint,
    });
    least.input.value = asked?.least.toString() ?? "";
    const read = () => {
        const given = keys.input.value.split(/\s+/).filter((key) => key !== "");
        const number = least.input.value.trim() === "" ? given.length : least.input.valueAsNumber;
        if (!Number.isInteger(number) || number < 0) {
            throw new Refusal({ code: "bad-form", detail: "" });
        }
        return given.length === 0 ? null : { least: number, keys: given };
    };
    return { rows: [text(witnesses.why), keys.row, least.row], read };
}
export function witnessForm(frame, { name, fingerprint, witnesses: asked }) {
    const { witnesses } = texts;
    const { rows, read } = witnessFields(asked);
    const save = button("ask-witnesses", witnesses.save, async () => {
        await ask("ask-witnesses", { fingerprint, witnesses: read() });
        frame.say(witnesses.saved);
    });
    save.setAttribute("aria-label", `${witnesses.save}: ${name}`);
    return [...askedFor(asked), more("witnesses", witnesses.heading, form(save, ...rows))];
}
export function askedFor(asked) {
    return asked === null ? [] : [note(texts.witnesses.asked(asked.least, asked.keys.length))];
}
