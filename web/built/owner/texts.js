import { language } from "../texts.js";
export let words;
export async function speak() {
    let wanted;
    let sentences;
    do {
        wanted = language;
        ({ sentences } = await LOADERS[wanted]());
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
