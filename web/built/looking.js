import { ask } from "./phone.js";
import { MINUTE } from "./times.js";
export let isLooking = false;
export let lastLook = null;
export function look() {
    isWanted = true;
    running ??= lookWhileWanted().finally(() => (running = null));
    return running;
}
export function onLook(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
}
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
        if (before === "locked" && vault === "open") {
            lookIfDue();
        }
        before = vault;
    });
    lookIfDue();
}
const FRESH = 10 * MINUTE;
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
