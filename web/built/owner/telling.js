// What goes wrong for an owner, in words for owners: the page's own sentences speak to visitors.
import { button, element } from "../elements.js";
import { Refusal } from "../phone.js";
import { PressFailure } from "./press.js";
import { words } from "./texts.js";
/** A button whose failures are told in these sentences; the page has one for each that is not here. */
export function act(does, label, press, sentences = () => ({}), look = "") {
    const made = button(does, label, () => telling(() => made, press, sentences), look);
    return made;
}
/** The same for what is no button, like a file that was chosen. */
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
/** A sentence about what went wrong; the next press takes it away. */
export function sentence(code, told) {
    return element("p", { class: "problem told", role: "alert", "data-problem": code }, told);
}
/** What is wrong with the drawing of a paper. */
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
