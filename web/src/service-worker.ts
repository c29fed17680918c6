// Keeps the page's own files, so that it works without a network. It answers for these files and for
// nothing else: what goes to a log passes by untouched, and no address's fragment is looked at. [WEB-6]
//
// It protects from nobody who serves the page: the browser fetches this program again, and takes
// whatever it gets. The digests hold one version together.

import { lookForNews, newsSentence } from "./background.js";
import { POLICY, fieldsOf, policyIn } from "./policy.js";
import { FILES, VERSION } from "./files.js";

const scope = self as unknown as ServiceWorkerGlobalScope;

// Pages of other folders keep theirs beside it.
const PREFIX = `${new URL(".", scope.location.href).href} `;
const CACHE = PREFIX + VERSION;
/** What only an owner who prints needs, and is large: it is kept when it was asked for once. */
const isForPrinting = (path: string): boolean => /^(fonts\/|press\.js$|noren_press)/.test(path);
const INDEX = "index.html";
/** The lock of tabs that somebody sees or works in; offline.ts holds it. */
const IN_USE = "noren-in-use";
const MODULE = "noren_wasm_bg.wasm";
scope.addEventListener("install", (event) => event.waitUntil(take()));
scope.addEventListener("activate", (event) => event.waitUntil(begin()));

scope.addEventListener("fetch", (event) => {
  const path = pathOf(event.request);
  if (path !== null) {
    event.respondWith(kept(path));
  }
  // A version that waits could not begin before the network has answered, and brings its own.
  if (event.request.mode === "navigate" && path === INDEX && scope.registration.waiting === null) {
    // For the next time: an operator may have named further servers, or fewer.
    event.waitUntil(renewPolicy().catch(() => {}));
  }
});

scope.addEventListener("message", (event) => {
  // From a page that was just opened or put away, and is loaded again at once: see offline.ts.
  if (event.data === "take-over") {
    event.waitUntil(takeOver(event.ports[0]));
  }
});

// Only some browsers do it, and the compiler does not know it.
scope.addEventListener("periodicsync", (event: Event) => {
  const periodic = event as ExtendableEvent & { tag?: string };
  if (periodic.tag === "look") {
    periodic.waitUntil(lookNow());
  }
});

scope.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(openPage());
});

async function lookNow(): Promise<void> {
  const { scope: page } = scope.registration;
  if (await lookForNews(page, await kept(MODULE))) {
    // The same tag: what was not read yet is not told twice.
    const body = newsSentence(navigator.languages);
    await scope.registration.showNotification("Noren", { body, tag: "news" });
  }
}

async function openPage(): Promise<void> {
  const [tab] = await scope.clients.matchAll({ type: "window" });
  await (tab === undefined ? scope.clients.openWindow(scope.registration.scope) : tab.focus());
}

/** Takes a version whole, or not at all. */
async function take(): Promise<void> {
  try {
    const cache = await caches.open(CACHE);
    const first = Object.keys(FILES).filter((path) => !isForPrinting(path));
    await Promise.all(first.map((path) => takeFile(cache, path)));
  } catch (error) {
    await caches.delete(CACHE);
    throw error;
  }
}

/** Keeps a file, if it is not kept yet. */
async function takeFile(cache: Cache, path: string): Promise<void> {
  const address = addressOf(path);
  if ((await cache.match(address)) === undefined) {
    await cache.put(address, await fetched(path));
  }
}

/** Keeps the first file anew: the policy in its header fields is everybody's. */
async function renewPolicy(): Promise<void> {
  const answer = await fetched(INDEX);
  await (await caches.open(CACHE)).put(addressOf(INDEX), answer);
}

/** A file of this version, from an answer that has all of the page's policy. [WEB-20] */
async function fetched(path: string): Promise<Response> {
  // What the page has just loaded is asked for again, but sent again only if it has changed; or whole,
  // where one bad answer has spoilt what the browser itself has kept of it.
  return answered(path, "no-cache").catch(() => answered(path, "reload"));
}

async function answered(path: string, cache: RequestCache): Promise<Response> {
  // The page's own address stands for its first file: some hosts lead from one to the other.
  const from = path === INDEX ? scope.registration.scope : addressOf(path);
  const answer = await fetch(from, { cache, credentials: "omit", referrerPolicy: "no-referrer" });
  if (!answer.ok) {
    throw new TypeError(`${path} is not there: ${answer.status}`);
  }
  const bytes = await answer.arrayBuffer();
  if ((await digestOf(bytes)) !== FILES[path]) {
    throw new TypeError(`${path} is not of this version`);
  }
  const policy = policyIn(answer.headers);
  if (policy === null) {
    throw new TypeError(`${path} comes without the page's policy`);
  }
  return new Response(bytes, { headers: fieldsOf(path, policy) });
}

/**
 * Begins at once, unless somebody sees the version before in another tab, or is in the middle of something:
 * then it says so to who waits for it. [WEB-21]
 */
async function takeOver(asking: MessagePort | undefined): Promise<void> {
  const { held } = await navigator.locks.query();
  if ((held ?? []).some(({ name }) => name === IN_USE)) {
    asking?.postMessage("in-use");
  } else {
    await scope.skipWaiting();
  }
}

/** Forgets the versions before, and answers for pages that were opened before there was one. */
async function begin(): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await scope.clients.claim();
}

/** Which of the page's files a request is for; null if it is none of this program's business. */
function pathOf(request: Request): string | null {
  const { origin, pathname, search } = new URL(request.url);
  const base = new URL(scope.registration.scope);
  if (request.method !== "GET" || origin !== base.origin || !pathname.startsWith(base.pathname)) {
    return null;
  }
  const path = pathname.slice(base.pathname.length);
  if (path === "") {
    // The query is a link's version, `?v=3`.
    return request.mode === "navigate" ? INDEX : null;
  }
  return search === "" && Object.hasOwn(FILES, path) ? path : null;
}

async function kept(path: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  // Browsers may clear what is kept. The network still has it, in this version or not at all: a file
  // of another one would not fit the rest.
  await takeFile(cache, INDEX);
  await takeFile(cache, path);
  const [first, file] = [await cache.match(addressOf(INDEX)), await cache.match(addressOf(path))];
  const policy = first === undefined ? null : policyIn(first.headers);
  return file === undefined
    ? Response.error()
    : new Response(file.body, { headers: fieldsOf(path, policy ?? POLICY) });
}

function addressOf(path: string): string {
  return new URL(path, scope.registration.scope).href;
}

async function digestOf(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
