import { words } from "./texts.js";
export const UPLOAD = 18;
export const WINDOW = 10;
export function mistyped(upload, window) {
    const { reply } = words;
    const [first, second] = [count(upload), count(window)];
    if (first === WINDOW && second === UPLOAD) {
        return { upload: reply.swapped, window: reply.swapped };
    }
    const wrong = (there, wanted) => {
        if (there === 0) {
            return reply.missingCode;
        }
        return there === wanted ? null : reply.wrongLength(there, wanted);
    };
    const told = { upload: wrong(first, UPLOAD), window: wrong(second, WINDOW) };
    return told.upload === null && told.window === null ? null : told;
}
function count(code) {
    return [...code.normalize("NFKC").replace(/[^\p{L}\p{N}]|\u30FC/gu, "")].length;
}
