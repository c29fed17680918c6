// When the page looks into the logs: as it opens, as it comes to the front, and when asked. What it asks
// for depends on nothing else. [WEB-3]
import { ask } from "./phone.js";
import { MINUTE } from "./times.js";
/** Whether a look lasts, and when the last one ended, in seconds; null before the first. */
export let isLooking = false;
export let lastLook = null;
/** Looks, once more if a look is asked for while one lasts. Resolves when all are done. */
export function look() {
    isWanted = true;
    running ??= lookWhileWanted().finally(() => (running = null));
    return running;
}
/** Calls back as a look begins and ends; returns how to stop that. */
export function onLook(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
}
/** Looks now, whenever the page comes to the front, and when it is unlocked. */
export function lookWhenSeen(frame) {
    const lookIfDue = () => {
        const isOld = lastLook === null || Date.now() / 1000 - lastLook > FRESH;
        if (document.visibilityState === "visible" && mayLook(frame) && isOld) {
            look().catch(() => { });
        }
    };
    document.addEventListener("visibilitychange", lookIfDue);
    let before = frame.state?.vault;
    frame.onState(({ vault }) => {
        // Not after the first check-in, which makes the vault: there is nothing to look for yet. [WEB-2]
        if (before === "locked" && vault === "open") {
            lookIfDue();
        }
        before = vault;
    });
    lookIfDue();
}
/** For how long a look is new enough that coming to the front makes no other, in seconds. */
const FRESH = 10 * MINUTE;
/** A device without visits looks as well: it learns whose the page is. A locked one cannot. */
function mayLook({ state }) {
    return state?.vault === "open" || state?.vault === "none";
}
const listeners = new Set();
let isWanted = false;
let running = null;
async function lookWhileWanted() {
    isLooking = true;
    tell();
    try {
        while (isWanted) {
            isWanted = false;
            await ask("look", {});
        }
    }
    finally {
        isLooking = false;
        lastLook = Date.now() / 1000;
        tell();
    }
}
function tell() {
    listeners.forEach((listener) => listener());
}
