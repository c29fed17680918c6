import { button, element } from "../elements.js";
import { Refusal } from "../phone.js";
import { PressFailure } from "./press.js";
import { words } from "./texts.js";
export function act(does, label, press, sentences = () => ({}), look = "") {
    const made = button(does, label, () => telling(() => made, press, sentences), look);
    return made;
}
export async function telling(near, press, sentences) {
    try {
        await press();
    }
    catch (error) {
        const told = sentenceOf(error, sentences());
        if (told === null) {
            throw error;
        }
        const element = sentence(...told);
        (near().closest(".buttons, .field") ?? near()).before(element);
        element.scrollIntoView({ block: "nearest" });
    }
}
export function sentence(code, told) {
    return element("p", { class: "problem told", role: "alert", "data-problem": code }, told);
}
export function pressSentence(failure) {
    const { press } = words;
    return failure.problem === "missing-character" ? press.missingCharacter(failure.character) : press[failure.problem];
}
function sentenceOf(error, sentences) {
    if (error instanceof PressFailure) {
        return [error.problem, pressSentence(error)];
    }
    const told = error instanceof Refusal ? sentences[error.code] : undefined;
    return error instanceof Refusal && told !== undefined ? [error.code, told] : null;
}
