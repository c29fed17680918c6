import { startWorker } from "./workers.js";
export class Refusal extends Error {
    code;
    detail;
    constructor(failure) {
        super(failure.detail);
        this.name = "Refusal";
        this.code = failure.code;
        this.detail = failure.detail;
    }
}
export function ask(name, given) {
    const asked = name === "ask-persistence" ? navigator.storage?.persist?.() : undefined;
    return Promise.resolve(asked).then(() => put(name, given));
}
export function wakeWorker() {
    worker ??= connect();
}
export function onState(listener) {
    listeners.add(listener);
    if (last !== null) {
        listener(last);
    }
    return () => listeners.delete(listener);
}
export function onProgress(listener) {
    watchers.add(listener);
    return () => watchers.delete(listener);
}
const waiting = new Map();
const listeners = new Set();
const watchers = new Set();
let next = 1;
let last = null;
let worker = null;
function put(name, given) {
    return new Promise((resolve, reject) => {
        const id = next++;
        waiting.set(id, { resolve, reject });
        worker ??= connect();
        worker.postMessage({ id, name, given });
    });
}
function connect() {
    const made = startWorker("worker.js");
    made.addEventListener("message", (event) => hear(event.data));
    made.addEventListener("error", (event) => {
        event.preventDefault();
        made.terminate();
        if (worker === made) {
            worker = null;
        }
        fail({ code: "defect", detail: event.message || "the page's worker could not be started" });
    });
    return made;
}
function hear(word) {
    if ("state" in word) {
        last = word.state;
        listeners.forEach((listener) => listener(word.state));
    }
    else if ("progress" in word) {
        watchers.forEach((watcher) => watcher(word.progress));
    }
    else {
        const question = waiting.get(word.id);
        waiting.delete(word.id);
        if ("failure" in word) {
            question?.reject(new Refusal(word.failure));
        }
        else {
            question?.resolve(word.gives);
        }
    }
}
function fail(failure) {
    const all = [...waiting.values()];
    waiting.clear();
    all.forEach((question) => question.reject(new Refusal(failure)));
}
