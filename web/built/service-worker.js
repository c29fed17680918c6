import { lookForNews, newsSentence } from "./background.js";
import { POLICY, fieldsOf, policyIn } from "./policy.js";
import { FILES, VERSION } from "./files.js";
const scope = self;
const PREFIX = `${new URL(".", scope.location.href).href} `;
const CACHE = PREFIX + VERSION;
const isForPrinting = (path) => /^(fonts\/|press\.js$|noren_press)/.test(path);
const INDEX = "index.html";
const IN_USE = "noren-in-use";
const MODULE = "noren_wasm_bg.wasm";
scope.addEventListener("install", (event) => event.waitUntil(take()));
scope.addEventListener("activate", (event) => event.waitUntil(begin()));
scope.addEventListener("fetch", (event) => {
    const path = pathOf(event.request);
    if (path !== null) {
        event.respondWith(kept(path));
    }
    if (event.request.mode === "navigate" && path === INDEX && scope.registration.waiting === null) {
        event.waitUntil(renewPolicy().catch(() => { }));
    }
});
scope.addEventListener("message", (event) => {
    if (event.data === "take-over") {
        event.waitUntil(takeOver(event.ports[0]));
    }
});
scope.addEventListener("periodicsync", (event) => {
    const periodic = event;
    if (periodic.tag === "look") {
        periodic.waitUntil(lookNow());
    }
});
scope.addEventListener("notificationclick", (event) => {
    event.notification.close();
    event.waitUntil(openPage());
});
async function lookNow() {
    const { scope: page } = scope.registration;
    if (await lookForNews(page, await kept(MODULE))) {
        const body = newsSentence(navigator.languages);
        await scope.registration.showNotification("Noren", { body, tag: "news" });
    }
}
async function openPage() {
    const [tab] = await scope.clients.matchAll({ type: "window" });
    await (tab === undefined ? scope.clients.openWindow(scope.registration.scope) : tab.focus());
}
async function take() {
    try {
        const cache = await caches.open(CACHE);
        const first = Object.keys(FILES).filter((path) => !isForPrinting(path));
        await Promise.all(first.map((path) => takeFile(cache, path)));
    }
    catch (error) {
        await caches.delete(CACHE);
        throw error;
    }
}
async function takeFile(cache, path) {
    const address = addressOf(path);
    if ((await cache.match(address)) === undefined) {
        await cache.put(address, await fetched(path));
    }
}
async function renewPolicy() {
    const answer = await fetched(INDEX);
    await (await caches.open(CACHE)).put(addressOf(INDEX), answer);
}
async function fetched(path) {
    return answered(path, "no-cache").catch(() => answered(path, "reload"));
}
async function answered(path, cache) {
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
async function takeOver(asking) {
    const { held } = await navigator.locks.query();
    if ((held ?? []).some(({ name }) => name === IN_USE)) {
        asking?.postMessage("in-use");
    }
    else {
        await scope.skipWaiting();
    }
}
async function begin() {
    const names = await caches.keys();
    const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
    await Promise.all(old.map((name) => caches.delete(name)));
    await scope.clients.claim();
}
function pathOf(request) {
    const { origin, pathname, search } = new URL(request.url);
    const base = new URL(scope.registration.scope);
    if (request.method !== "GET" || origin !== base.origin || !pathname.startsWith(base.pathname)) {
        return null;
    }
    const path = pathname.slice(base.pathname.length);
    if (path === "") {
        return request.mode === "navigate" ? INDEX : null;
    }
    return search === "" && Object.hasOwn(FILES, path) ? path : null;
}
async function kept(path) {
    const cache = await caches.open(CACHE);
    await takeFile(cache, INDEX);
    await takeFile(cache, path);
    const [first, file] = [await cache.match(addressOf(INDEX)), await cache.match(addressOf(path))];
    const policy = first === undefined ? null : policyIn(first.headers);
    return file === undefined
        ? Response.error()
        : new Response(file.body, { headers: fieldsOf(path, policy ?? POLICY) });
}
function addressOf(path) {
    return new URL(path, scope.registration.scope).href;
}
async function digestOf(bytes) {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
