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
const IDLE = new Set(["home", "notices", "trust", "confirmed", "locked", "owner"]);
const IN_USE = "noren-in-use";
export function changeWhenIdle(frame) {
    const { serviceWorker, locks } = navigator;
    if (serviceWorker === undefined || locks === undefined) {
        return;
    }
    const isIdle = () => document.hidden && IDLE.has(frame.name);
    let leave = null;
    let held = Promise.resolve();
    const hold = () => {
        if (isIdle()) {
            leave?.();
            leave = null;
        }
        else if (leave === null) {
            const left = new Promise((resolve) => (leave = resolve));
            held = locks.request(IN_USE, { mode: "shared" }, () => left);
        }
        return held;
    };
    const seenOrNot = async () => {
        const inUse = hold();
        const registration = await serviceWorker.getRegistration();
        if (!document.hidden) {
            await registration?.update();
        }
        else if (isIdle()) {
            await inUse;
            registration?.waiting?.postMessage("take-over");
        }
    };
    frame.onScreen(() => void hold());
    document.addEventListener("visibilitychange", () => void seenOrNot().catch(() => { }));
    let hadOne = serviceWorker.controller !== null;
    serviceWorker.addEventListener("controllerchange", () => {
        if (hadOne && isIdle()) {
            location.reload();
        }
        hadOne = true;
    });
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
