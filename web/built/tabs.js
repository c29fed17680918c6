import { Refused } from "./failures.js";
export async function alone(lock, act) {
    if (!("locks" in navigator)) {
        throw new Refused("defect", "this browser gives pages no locks at this address: it has to begin with https://");
    }
    return (await navigator.locks.request(lock, act));
}
export class Tabs {
    #line = new BroadcastChannel("noren");
    constructor(hear) {
        this.#line.onmessage = (event) => hear(event.data);
    }
    tell(told) {
        this.#line.postMessage(told);
    }
}
