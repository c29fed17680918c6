// Several tabs, one vault: a lock for whoever changes something, a word to the others when it is done.
import { Refused } from "./failures.js";
/** Runs `act` while no other tab runs anything under the same lock. [WEB-5] */
export async function alone(lock, act) {
    // Browsers have locks only where the address is https or this very machine.
    if (!("locks" in navigator)) {
        throw new Refused("defect", "this browser gives pages no locks at this address: it has to begin with https://");
    }
    return (await navigator.locks.request(lock, act));
}
/** The line to the other tabs. It carries no more than that something changed. */
export class Tabs {
    #line = new BroadcastChannel("noren");
    constructor(hear) {
        this.#line.onmessage = (event) => hear(event.data);
    }
    tell(told) {
        this.#line.postMessage(told);
    }
}
