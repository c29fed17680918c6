import { Refused } from "./failures.js";
import { forgetRoom, seeThatThereIsRoom } from "./room.js";
const NAME = "noren";
const VERSION = 2;
const DEVICE = "device";
const ENTRIES = "entries";
const HEADS = "heads";
const OUTBOX = "outbox";
const EVIDENCE = "evidence";
const STORES = [DEVICE, ENTRIES, HEADS, OUTBOX, EVIDENCE];
const ALL = "all";
const WIDEST = 256;
const SPARE = 262_144;
export class Store {
    #database = null;
    async read() {
        return (await this.#get(DEVICE, ALL)) ?? null;
    }
    async write(kept) {
        await seeThatThereIsRoom(2 * (kept.vault.length + (kept.diary?.length ?? 0)) + SPARE);
        await this.#change([DEVICE], (tables) => tables(DEVICE).put(kept, ALL));
    }
    async clear() {
        await this.#change(STORES, (tables) => STORES.forEach((name) => tables(name).clear()));
        await forgetRoom();
    }
    async entries(origin, index, width) {
        const range = IDBKeyRange.bound([origin, index, width], [origin, index, WIDEST]);
        const all = await this.#run(ENTRIES, (table) => table.getAll(range));
        return all.at(-1) ?? null;
    }
    async keepEntries(origin, index, width, file) {
        await seeThatThereIsRoom(2 * file.bytes.length + SPARE);
        await this.#change([ENTRIES], (tables) => {
            tables(ENTRIES).delete(IDBKeyRange.bound([origin, index, 0], [origin, index, width]));
            tables(ENTRIES).put(file, [origin, index, width]);
        });
    }
    async places(origin) {
        const range = IDBKeyRange.bound([origin], [origin, []]);
        const keys = await this.#run(ENTRIES, (table) => table.getAllKeys(range));
        return Uint32Array.from(keys.flatMap(([, index, width]) => [index, width]));
    }
    async forgetEntriesBefore(origin, index) {
        const range = IDBKeyRange.bound([origin], [origin, index], false, true);
        await this.#change([ENTRIES], (tables) => tables(ENTRIES).delete(range));
    }
    async forgetEntries(origin) {
        const range = IDBKeyRange.bound([origin], [origin, []]);
        await this.#change([ENTRIES], (tables) => tables(ENTRIES).delete(range));
    }
    async head(origin) {
        return (await this.#get(HEADS, origin)) ?? null;
    }
    async keepHead(origin, note) {
        await seeThatThereIsRoom(SPARE);
        await this.#change([HEADS], (tables) => tables(HEADS).put(note, origin));
    }
    evidence() {
        return this.#run(EVIDENCE, (table) => table.getAll());
    }
    async keepEvidence(evidence) {
        const known = (await this.evidence()).filter(({ log }) => log === evidence.log);
        if (known.length < evidence.most && !known.some(({ name }) => name === evidence.name)) {
            await seeThatThereIsRoom(SPARE);
            await this.#change([EVIDENCE], (tables) => tables(EVIDENCE).put(evidence, evidence.name));
        }
    }
    async forgetEvidence(log) {
        await this.#change([EVIDENCE], (tables) => tables(EVIDENCE).delete(IDBKeyRange.bound(log, `${log}\uffff`)));
    }
    async sent(name) {
        return (await this.#get(OUTBOX, name)) ?? null;
    }
    async keepSent(name, sent) {
        await seeThatThereIsRoom(SPARE);
        await this.#change([OUTBOX], (tables) => tables(OUTBOX).put(sent, name));
    }
    async forgetSent(name) {
        await this.#change([OUTBOX], (tables) => tables(OUTBOX).delete(name));
    }
    async forgetSentBefore(time) {
        const names = await this.#run(OUTBOX, (table) => table.getAllKeys());
        for (const name of names) {
            const sent = await this.#get(OUTBOX, name);
            if (sent !== undefined && sent.made < time) {
                await this.#change([OUTBOX], (tables) => tables(OUTBOX).delete(name));
            }
        }
    }
    #get(name, key) {
        return this.#run(name, (table) => table.get(key));
    }
    async #run(name, ask) {
        const database = await this.#opened();
        return new Promise((resolve, reject) => {
            const request = ask(database.transaction(name, "readonly").objectStore(name));
            request.onsuccess = () => resolve(request.result);
            request.onerror = () => reject(request.error);
        });
    }
    async #change(names, act) {
        const database = await this.#opened();
        await new Promise((resolve, reject) => {
            const change = database.transaction(names, "readwrite", { durability: "strict" });
            change.oncomplete = () => resolve();
            change.onabort = () => reject(change.error ?? new Refused("defect", "the browser gave a change up"));
            try {
                act((name) => change.objectStore(name));
            }
            catch (error) {
                change.abort();
                reject(error);
            }
        });
    }
    #opened() {
        this.#database ??= open(() => (this.#database = null));
        this.#database.catch(() => (this.#database = null));
        return this.#database;
    }
}
function open(closed) {
    return new Promise((resolve, reject) => {
        const request = indexedDB.open(NAME, VERSION);
        request.onupgradeneeded = () => {
            const there = request.result.objectStoreNames;
            STORES.filter((name) => !there.contains(name)).forEach((name) => request.result.createObjectStore(name));
        };
        request.onerror = () => reject(request.error);
        request.onsuccess = () => {
            const database = request.result;
            database.onclose = closed;
            database.onversionchange = () => {
                database.close();
                closed();
            };
            resolve(database);
        };
    });
}
