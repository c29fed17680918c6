import { registerServiceWorker } from "./workers.js";
export async function keepOffline(mayReload) {
    try {
        const registration = await registerServiceWorker();
        const waiting = registration?.waiting;
        if (!mayReload || !waiting || navigator.serviceWorker.controller === null) {
            return false;
        }
        return await takeOver(waiting);
    }
    catch {
        return false;
    }
}
const LONGEST_CHANGE = 1_000;
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
