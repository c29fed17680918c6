import { texts } from "../texts.js";
import { now } from "../times.js";
import { words } from "./texts.js";
export const MOST = { name: 100, address: 100, room: 32 };
export const LONGEST_STAY = 720;
export function characters(text) {
    return [...text.trim()].length;
}
export function mistakesIn(form) {
    const { form: told } = words;
    const mistakes = new Map();
    for (const part of ["name", "address", "room"]) {
        if (part !== "room" && form[part].trim() === "") {
            mistakes.set(part, told.missing);
        }
        else if (characters(form[part]) > MOST[part]) {
            mistakes.set(part, told.tooLong(MOST[part]));
        }
    }
    if (form.kind !== null && !Object.hasOwn(texts.kinds, form.kind)) {
        mistakes.set("kind", told.badKind);
    }
    const stay = form.typicalStayMinutes;
    if (stay !== null && !(Number.isInteger(stay) && stay > 0 && stay <= LONGEST_STAY)) {
        mistakes.set("stay", told.badStay);
    }
    if (form.validUntil !== null && form.validUntil <= (form.validFrom ?? 0)) {
        mistakes.set("to", told.endsBeforeBegin);
    }
    else if (form.validUntil !== null && form.validUntil <= now()) {
        mistakes.set("to", told.isOver);
    }
    return mistakes;
}
