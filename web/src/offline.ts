// The page's end of the line to its service worker: the page works offline, and a new version of it
// is used the next time that it is opened, or as soon as nobody looks at the old one. [WEB-21]

import type { Frame } from "./frame.js";
import { registerServiceWorker } from "./workers.js";

/**
 * Sees that the page works offline, where the browser can. Resolves to true if the page is about to be
 * loaded again because a new version was waiting: the caller shows nothing then.
 *
 * `mayReload`: false for a page that was opened by a link, whose payload a second loading would lose.
 */
export async function keepOffline(mayReload: boolean): Promise<boolean> {
  try {
    const registration = await registerServiceWorker();
    const waiting = registration?.waiting;
    // Without a program that is in charge now, the files come from the network and are the new ones.
    if (!mayReload || !waiting || navigator.serviceWorker.controller === null) {
      return false;
    }
    return await takeOver(waiting);
  } catch {
    // A private window, or a browser that has none: the page works as long as the network does.
    return false;
  }
}

/** Screens that another version shows as well: nothing is lost if they are loaded again. */
const IDLE = new Set(["home", "notices", "trust", "confirmed", "locked", "owner"]);
/** A lock, since a tab that the browser has put to sleep could not answer who asks it. */
const IN_USE = "noren-in-use";

/**
 * Sees that a new version does not wait for a tab that somebody left open: once nobody sees any tab, and
 * none is in the middle of something, it begins, and the tabs are loaded again.
 */
export function changeWhenIdle(frame: Frame): void {
  const { serviceWorker, locks } = navigator as Partial<Navigator>;
  if (serviceWorker === undefined || locks === undefined) {
    return;
  }
  const isIdle = (): boolean => document.hidden && IDLE.has(frame.name);
  let leave: (() => void) | null = null;
  let held: Promise<unknown> = Promise.resolve();
  /** Holds the lock while the tab is in use; resolves once it does not. */
  const hold = (): Promise<unknown> => {
    if (isIdle()) {
      leave?.();
      leave = null;
    } else if (leave === null) {
      const left = new Promise<void>((resolve) => (leave = resolve));
      held = locks.request(IN_USE, { mode: "shared" }, () => left);
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
      registration?.waiting?.postMessage("take-over");
    }
  };
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
const LONGEST_CHANGE = 1_000;

/** Lets the waiting version begin, which it does if no other tab is in use. */
function takeOver(waiting: ServiceWorker): Promise<boolean> {
  return new Promise((resolve) => {
    const ends = new AbortController();
    const timer = setTimeout(() => {
      ends.abort();
      resolve(false);
    }, LONGEST_CHANGE);
    const reload = (): void => {
      clearTimeout(timer);
      resolve(true);
      location.reload();
    };
    const { signal } = ends;
    navigator.serviceWorker.addEventListener("controllerchange", reload, { once: true, signal });
    waiting.postMessage("take-over");
  });
}
