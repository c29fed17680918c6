import init from "./noren_wasm.js";
import { Own } from "./own.js";
import { look } from "./rounds.js";
import { Store } from "./store.js";
import { Keeper } from "./vault.js";
export async function lookForNews(page, module) {
    const store = new Store();
    const kept = await store.read();
    if (kept === null || kept.key === null) {
        return false;
    }
    started ??= init({ module_or_path: module });
    await started;
    let last = null;
    const keeper = new Keeper(store, new Own(page), (state) => (last = state));
    await look(keeper, () => { });
    last ??= await keeper.refresh();
    return last.notices.some((notice) => notice.news !== null);
}
export function newsSentence(languages) {
    for (const language of languages) {
        const sentence = SENTENCES[language.split("-")[0]?.toLowerCase() ?? ""];
        if (sentence !== undefined) {
            return sentence;
        }
    }
    return ENGLISH;
}
let started = null;
const ENGLISH = "There is something new to read.";
const SENTENCES = {
    en: ENGLISH,
    ja: "新しいお知らせがあります。",
    ko: "새로운 소식이 있습니다.",
    zh: "有新的内容可以查看。",
    pt: "Há algo novo para ler.",
    vi: "Có nội dung mới để đọc.",
};
