import { answers } from "./answers.js";
import { failureOf } from "./failures.js";
import init from "./noren_wasm.js";
import { Own } from "./own.js";
import { Store } from "./store.js";
import { Keeper } from "./vault.js";
const scope = self;
const say = (word) => scope.postMessage(word);
const ready = begin();
ready.catch(() => { });
scope.addEventListener("message", (event) => void answer(event.data));
async function begin() {
    await init();
    const show = (state) => say({ state });
    const keeper = new Keeper(new Store(), new Own(scope.location.href), show);
    return answers(keeper, (progress) => say({ progress }));
}
async function answer({ id, name, given }) {
    try {
        const all = await ready;
        const act = all[name];
        say({ id, gives: await act(given) });
    }
    catch (error) {
        say({ id, failure: failureOf(error) });
    }
}
