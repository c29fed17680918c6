import { lookForNews, newsSentence } from "./background.js";
import { FILES, VERSION } from "./files.js";
const scope = self;
const PREFIX = "page-";
const CACHE = PREFIX + VERSION;
const isForPrinting = (path) => /^(fonts\/|press\.js$|noren_press)/.test(path);
const MODULE = "noren_wasm_bg.wasm";
const HEADERS = [
    "Content-Type",
    "Content-Security-Policy",
    "Cross-Origin-Opener-Policy",
    "Permissions-Policy",
    "Referrer-Policy",
    "X-Content-Type-Options",
];
scope.addEventListener("install", (event) => event.waitUntil(take()));
scope.addEventListener("activate", (event) => event.waitUntil(begin()));
scope.addEventListener("fetch", (event) => {
    const path = pathOf(event.request);
    if (path !== null) {
        event.respondWith(kept(path));
    }
});
scope.addEventListener("message", (event) => {
    if (event.data === "take-over") {
        event.waitUntil(takeOver());
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
    if ((await cache.match(address)) !== undefined) {
        return;
    }
    const from = path === "index.html" ? scope.registration.scope : address;
    const answer = await fetch(from, { cache: "no-cache", credentials: "omit", referrerPolicy: "no-referrer" });
    if (!answer.ok) {
        throw new TypeError(`${path} is not there: ${answer.status}`);
    }
    const bytes = await answer.arrayBuffer();
    if ((await digestOf(bytes)) !== FILES[path]) {
        throw new TypeError(`${path} is not of this version`);
    }
    const headers = new Headers();
    for (const name of HEADERS) {
        const value = answer.headers.get(name);
        if (value !== null) {
            headers.set(name, value);
        }
    }
    await cache.put(address, new Response(bytes, { headers }));
}
async function takeOver() {
    const tabs = await scope.clients.matchAll({ type: "window", includeUncontrolled: true });
    if (tabs.length === 1) {
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
        return request.mode === "navigate" ? "index.html" : null;
    }
    return search === "" && Object.hasOwn(FILES, path) ? path : null;
}
async function kept(path) {
    const cache = await caches.open(CACHE);
    await takeFile(cache, path);
    return (await cache.match(addressOf(path))) ?? Response.error();
}
function addressOf(path) {
    return new URL(path, scope.registration.scope).href;
}
async function digestOf(bytes) {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
