// The page's end of the line to its worker: asks, and hears of every change.
import { startWorker } from "./workers.js";
/** Why an ask was not answered. Its message is for whoever helps; the page has its own sentences. */
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
/** Asks the worker. The promise is rejected with a `Refusal`, and with nothing else. */
export function ask(name, given) {
    // The browser answers this to a page alone; the worker then reads the answer.
    const asked = name === "ask-persistence" ? navigator.storage?.persist?.() : undefined;
    return Promise.resolve(asked).then(() => put(name, given));
}
/** Calls back with the state, now if it is known, and after each change; returns how to stop that. */
export function onState(listener) {
    listeners.add(listener);
    if (last !== null) {
        listener(last);
    }
    return () => listeners.delete(listener);
}
/** Calls back while a log is read. */
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
    // A worker that could not be loaded, or died, answers nobody: whoever waits is told, and the next ask
    // starts another. What was written is whole, before or after. [WEB-5]
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
