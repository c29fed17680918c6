// The page's end of the line to its service worker: the page works offline, and a new version of it
// is used the next time that it is opened, or as soon as nobody looks at the old one. [WEB-21]

import type { Frame } from "./frame.js";
import { registerServiceWorker } from "./workers.js";

/** Sees that the page works offline, where the browser can. */
export async function keepOffline(): Promise<void> {
  // A private window, or a browser that has none: the page works as long as the network does.
  await registerServiceWorker().catch(() => {});
}

/** Whether a new version was waiting and begins now: the page is loaded again, and the caller shows nothing. */
export async function isLoadedAgain(): Promise<boolean> {
  const { serviceWorker } = navigator as Partial<Navigator>;
  // Without a program that is in charge now, the files come from the network and are the new ones.
  if (!serviceWorker?.controller) {
    return false;
  }
  const registration = await serviceWorker.getRegistration().catch(() => undefined);
  return registration?.waiting ? takeOver(registration.waiting) : false;
}

/** Screens that another version shows as well: nothing is lost if they are loaded again. */
const IDLE = new Set(["home", "notices", "trust", "confirmed", "locked", "owner", "problem"]);
/** A lock, since a tab that the browser has put to sleep could not answer who asks it. */
const IN_USE = "noren-in-use";

/**
 * Sees that a new version does not wait for a tab that somebody left open: once nobody sees any tab, and
 * none is in the middle of something, it begins, and the tabs are loaded again. Resolves once no other tab
 * can let it begin while this one is in use.
 */
export async function changeWhenIdle(frame: Frame): Promise<void> {
  const { serviceWorker, locks } = navigator as Partial<Navigator>;
  if (serviceWorker === undefined || locks === undefined) {
    return;
  }
  const isIdle = (): boolean => document.hidden && IDLE.has(frame.name);
  let leave: (() => void) | null = null;
  let held: Promise<unknown> = Promise.resolve();
  /** Takes the lock for a tab that is in use; resolves once it has it. */
  const take = (): Promise<void> => new Promise((taken) => {
    const left = new Promise<void>((resolve) => (leave = resolve));
    held = locks.request(IN_USE, { mode: "shared" }, () => {
      taken();
      return left;
    }).catch(() => taken());
  });
  /** Holds the lock while the tab is in use; resolves once it does not. */
  const hold = (): Promise<unknown> => {
    if (isIdle()) {
      leave?.();
      leave = null;
    } else if (leave === null) {
      void take();
    }
    return held;
  };
  const seenOrNot = async (): Promise<void> => {
    const inUse = hold();
    const registration = await serviceWorker.getRegistration();
    if (!document.hidden) {
      await registration?.update();
    } else if (isIdle()) {
      await inUse;
      // Another tab is often opened in this moment: it has to come so far that it holds the lock.
      await pause(OTHERS_OPEN);
      if (isIdle()) {
        registration?.waiting?.postMessage("take-over");
      }
    }
  };
  await take();
  frame.onScreen(() => void hold());
  document.addEventListener("visibilitychange", () => void seenOrNot().catch(() => {}));
  let hadOne = serviceWorker.controller !== null;
  serviceWorker.addEventListener("controllerchange", () => {
    if (hadOne && isIdle()) {
      location.reload();
    }
    hadOne = true;
  });
}

/** How long a waiting version may take to begin, in milliseconds. */
const LONGEST_CHANGE = 5_000;
/** How long another tab may take until it holds the lock, in milliseconds. */
const OTHERS_OPEN = 5_000;
/** How long a browser may still ask for icons once a page is loaded, in milliseconds. */
const ICONS_COME = 300;

const pause = (time: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, time));

/**
 * Lets the waiting version begin, which it does if no other tab is in use. Nothing of the page may be on its
 * way meanwhile: what the version before is asked for while it ends, Chromium may answer after minutes.
 */
async function takeOver(waiting: ServiceWorker): Promise<boolean> {
  if (document.readyState !== "complete") {
    await new Promise((resolve) => addEventListener("load", resolve, { once: true }));
  }
  await pause(ICONS_COME);
  const { port1: here, port2: there } = new MessageChannel();
  const begins = new Promise<boolean>((resolve) => {
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
