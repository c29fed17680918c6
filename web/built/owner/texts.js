// The sentences of the owner's screens. They are loaded when one of these opens, in the language on the
// screen; a language that lacks one does not compile.
import { language } from "../texts.js";
/** The sentences in the language on the screen, once `speak` is done. */
export let words;
/** Loads them; each screen waits for it before it draws. */
export async function speak() {
    let wanted;
    let sentences;
    do {
        wanted = language;
        ({ sentences } = await LOADERS[wanted]());
        // Another may have been chosen meanwhile.
    } while (wanted !== language);
    words = sentences;
}
const LOADERS = {
    ja: () => import("../texts/owner-ja.js"),
    en: () => import("../texts/owner-en.js"),
    ko: () => import("../texts/owner-ko.js"),
    "zh-Hans": () => import("../texts/owner-zh-Hans.js"),
    pt: () => import("../texts/owner-pt.js"),
    vi: () => import("../texts/owner-vi.js"),
};
