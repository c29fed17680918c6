import { registerServiceWorker } from "./workers.js";
export async function keepOffline() {
    await registerServiceWorker().catch(() => { });
}
export async function isLoadedAgain() {
    const { serviceWorker } = navigator;
    if (!serviceWorker?.controller) {
        return false;
    }
    const registration = await serviceWorker.getRegistration().catch(() => undefined);
    return registration?.waiting ? takeOver(registration.waiting) : false;
}
const IDLE = new Set(["home", "notices", "trust", "confirmed", "locked", "owner", "problem"]);
const IN_USE = "noren-in-use";
export async function changeWhenIdle(frame) {
    const { serviceWorker, locks } = navigator;
    if (serviceWorker === undefined || locks === undefined) {
        return;
    }
    const isIdle = () => document.hidden && IDLE.has(frame.name);
    let leave = null;
    let held = Promise.resolve();
    const take = () => new Promise((taken) => {
        const left = new Promise((resolve) => (leave = resolve));
        held = locks.request(IN_USE, { mode: "shared" }, () => {
            taken();
            return left;
        }).catch(() => taken());
    });
    const hold = () => {
        if (isIdle()) {
            leave?.();
            leave = null;
        }
        else if (leave === null) {
            void take();
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
            await pause(OTHERS_OPEN);
            if (isIdle()) {
                registration?.waiting?.postMessage("take-over");
            }
        }
    };
    await take();
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
const LONGEST_CHANGE = 5_000;
const OTHERS_OPEN = 5_000;
const ICONS_COME = 300;
const pause = (time) => new Promise((resolve) => void setTimeout(resolve, time));
async function takeOver(waiting) {
    if (document.readyState !== "complete") {
        await new Promise((resolve) => addEventListener("load", resolve, { once: true }));
    }
    await pause(ICONS_COME);
    const { port1: here, port2: there } = new MessageChannel();
    const begins = new Promise((resolve) => {
        navigator.serviceWorker.addEventListener("controllerchange", () => resolve(true), { once: true });
        here.onmessage = () => resolve(false);
        void pause(LONGEST_CHANGE).then(() => resolve(false));
    });
    waiting.postMessage("take-over", [there]);
    const isNew = await begins;
    here.close();
    if (isNew) {
        location.reload();
    }
    return isNew;
}
