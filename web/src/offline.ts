// The page's end of the line to its service worker: the page works offline, and a new version of it
// is used the next time that it is opened, or as soon as nobody looks at the old one. [WEB-33]

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
const BUSY = "noren-busy";

/**
 * Sees that a new version does not wait for a tab that somebody left open: once nobody sees any tab, and
 * none is in the middle of something, it begins, and the idle ones are loaded again.
 */
export function changeWhenIdle(frame: Frame): void {
  const { serviceWorker, locks } = navigator as Partial<Navigator>;
  if (serviceWorker === undefined || locks === undefined) {
    return;
  }
  let free: (() => void) | null = null;
  frame.onScreen((screen) => {
    if (IDLE.has(screen)) {
      free?.();
      free = null;
    } else if (free === null) {
      const left = new Promise<void>((resolve) => (free = resolve));
      void locks.request(BUSY, { mode: "shared" }, () => left);
    }
  });
  let hadOne = serviceWorker.controller !== null;
  serviceWorker.addEventListener("controllerchange", () => {
    if (hadOne && document.hidden && IDLE.has(frame.name)) {
      location.reload();
    }
    hadOne = true;
  });
  document.addEventListener("visibilitychange", () => void changing(document.hidden, frame).catch(() => {}));
}

/** Put away, a page lets a version begin that waits; looked at again, it asks whether there is one. */
async function changing(isHidden: boolean, frame: Frame): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration();
  if (!isHidden) {
    await registration?.update();
  } else if (IDLE.has(frame.name)) {
    registration?.waiting?.postMessage("take-over");
  }
}

/** How long a waiting version may take to begin, in milliseconds. */
const LONGEST_CHANGE = 1_000;

/** Lets the waiting version begin, which it does if no other tab is seen or busy. */
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
