export const LANGUAGES = {
    ja: "日本語",
    en: "English",
    ko: "한국어",
    "zh-Hans": "简体中文",
    pt: "Português",
    vi: "Tiếng Việt",
};
export let language = "en";
export let texts;
export async function startLanguage() {
    await load(chosenBefore() ?? firstOf(navigator.languages) ?? "en");
}
export async function chooseLanguage(chosen) {
    try {
        localStorage.setItem(KEY, chosen);
    }
    catch {
    }
    await load(chosen);
}
export function inBrackets(words, inside) {
    return language === "ja" || language === "zh-Hans" ? `${words}（${inside}）` : `${words} (${inside})`;
}
const KEY = "language";
const LOADERS = {
    ja: () => import("./texts/ja.js"),
    en: () => import("./texts/en.js"),
    ko: () => import("./texts/ko.js"),
    "zh-Hans": () => import("./texts/zh-Hans.js"),
    pt: () => import("./texts/pt.js"),
    vi: () => import("./texts/vi.js"),
};
async function load(chosen) {
    texts = (await LOADERS[chosen]()).sentences;
    language = chosen;
    document.documentElement.lang = chosen;
}
function chosenBefore() {
    try {
        const kept = localStorage.getItem(KEY);
        return kept !== null && Object.hasOwn(LANGUAGES, kept) ? kept : null;
    }
    catch {
        return null;
    }
}
function firstOf(wanted) {
    const all = Object.keys(LANGUAGES);
    for (const tag of wanted) {
        const main = tag.split("-")[0]?.toLowerCase();
        const found = all.find((each) => each.split("-")[0] === main);
        if (found !== undefined) {
            return found;
        }
    }
    return null;
}
