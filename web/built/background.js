// A look while no page is open, where the browser lets the service worker make one. It makes the
// requests of every other look, and shows that there is something to read, not what. [WEB-3] [WEB-7]
import init from "./noren_wasm.js";
import { Own } from "./own.js";
import { look } from "./rounds.js";
import { Store } from "./store.js";
import { Keeper } from "./vault.js";
/** Looks; returns whether there is news that nobody has seen. `page` is the page's address. */
export async function lookForNews(page, module) {
    const store = new Store();
    const kept = await store.read();
    // A passphrase is with its owner: what is locked stays closed.
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
/** The sentence of the notification, in the first of the browser's languages that has one. */
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
