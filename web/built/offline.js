// The page's end of the line to its service worker: the page works offline, and a new version of it
// is used the next time that it is opened.
import { registerServiceWorker } from "./workers.js";
/**
 * Sees that the page works offline, where the browser can. Resolves to true if the page is about to be
 * loaded again because a new version was waiting: the caller shows nothing then.
 *
 * `mayReload`: false for a page that was opened by a link, whose payload a second loading would lose.
 */
export async function keepOffline(mayReload) {
    try {
        const registration = await registerServiceWorker();
        const waiting = registration?.waiting;
        // Without a program that is in charge now, the files come from the network and are the new ones.
        if (!mayReload || !waiting || navigator.serviceWorker.controller === null) {
            return false;
        }
        return await takeOver(waiting);
    }
    catch {
        // A private window, or a browser that has none: the page works as long as the network does.
        return false;
    }
}
/** How long a waiting version may take to begin, in milliseconds. */
const LONGEST_CHANGE = 1_000;
/** Lets the waiting version begin, which it does if no other tab is open. */
function takeOver(waiting) {
    return new Promise((resolve) => {
        const ends = new AbortController();
        const timer = setTimeout(() => {
            ends.abort();
            resolve(false);
        }, LONGEST_CHANGE);
        const reload = () => {
            clearTimeout(timer);
            resolve(true);
            location.reload();
        };
        const { signal } = ends;
        navigator.serviceWorker.addEventListener("controllerchange", reload, { once: true, signal });
        waiting.postMessage("take-over");
    });
}
