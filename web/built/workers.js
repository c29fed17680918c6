const SERVICE_WORKER = "service-worker.js";
const FILES = ["worker.js", "scanner.js", "press.js", SERVICE_WORKER];
export function startWorker(file) {
    return new Worker(addressOf(file), { type: "module", name: file });
}
export async function registerServiceWorker() {
    if (!("serviceWorker" in navigator)) {
        return null;
    }
    const options = { type: "module", updateViaCache: "none" };
    return navigator.serviceWorker.register(addressOf(SERVICE_WORKER), options);
}
const policy = makePolicy();
function addressOf(file) {
    return policy.createScriptURL(file);
}
function makePolicy() {
    const rules = {
        createScriptURL(file) {
            if (!FILES.includes(file)) {
                throw new TypeError("this page has no such program");
            }
            return new URL(file, import.meta.url).href;
        },
    };
    const known = globalThis.trustedTypes;
    return known ? known.createPolicy("noren", rules) : rules;
}
