import { startWorker } from "../workers.js";
export class PressFailure extends Error {
    problem;
    character;
    constructor(problem, character = "") {
        super(problem);
        this.name = "PressFailure";
        this.problem = problem;
        this.character = character;
    }
}
export class Press {
    #worker = null;
    #waiting = new Map();
    #next = 1;
    #isEnded = false;
    draw(drawing) {
        if (this.#isEnded) {
            return Promise.reject(new PressFailure("not-loaded"));
        }
        return new Promise((resolve, reject) => {
            const id = this.#next++;
            this.#waiting.set(id, { resolve, reject });
            this.#worker ??= this.#start();
            this.#worker.postMessage({ id, ...drawing });
        });
    }
    end() {
        this.#isEnded = true;
        this.#stop();
    }
    #stop() {
        this.#worker?.terminate();
        this.#worker = null;
        const all = [...this.#waiting.values()];
        this.#waiting.clear();
        all.forEach(({ reject }) => reject(new PressFailure("not-loaded")));
    }
    #start() {
        const worker = startWorker("press.js");
        worker.addEventListener("message", (event) => this.#hear(event.data));
        worker.addEventListener("error", (event) => {
            event.preventDefault();
            this.#stop();
        });
        return worker;
    }
    #hear(drawn) {
        const asked = this.#waiting.get(drawn.id);
        this.#waiting.delete(drawn.id);
        if ("pdf" in drawn) {
            asked?.resolve(drawn.pdf);
            return;
        }
        asked?.reject(new PressFailure(drawn.problem, drawn.character));
        if (drawn.problem === "not-loaded") {
            this.#stop();
        }
    }
}
