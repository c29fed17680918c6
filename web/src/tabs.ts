// Several tabs, one vault: a lock for whoever changes something, a word to the others when it is done.

import { Refused } from "./failures.js";

export type Lock = "noren-change" | "noren-look" | "noren-room";
export type Told = "changed" | "lock";

/** Runs `act` while no other tab runs anything under the same lock. [WEB-5] */
export async function alone<T>(lock: Lock, act: () => Promise<T>): Promise<T> {
  // Browsers have locks only where the address is https or this very machine.
  if (!("locks" in navigator)) {
    throw new Refused("defect", "this browser gives pages no locks at this address: it has to begin with https://");
  }
  return (await navigator.locks.request(lock, act)) as T;
}

/** The line to the other tabs. It carries no more than that something changed. */
export class Tabs {
  readonly #line = new BroadcastChannel("noren");

  constructor(hear: (told: Told) => void) {
    this.#line.onmessage = (event: MessageEvent<Told>) => hear(event.data);
  }

  tell(told: Told): void {
    this.#line.postMessage(told);
  }
}
