// What is kept in the browser: one record with all that is the visitor's, files of logs that everybody
// may read, and sealed answers that wait for a server's word.
//
// The key of a vault without a passphrase stands beside it in clear. A WebCrypto key that "cannot be
// exported" does too, in the files of the browser; so nothing more is claimed. [WEB-4]
import { Refused } from "./failures.js";
import { forgetRoom, seeThatThereIsRoom } from "./room.js";
const NAME = "noren";
const VERSION = 1;
const DEVICE = "device"; // one record, under ALL
const ENTRIES = "entries"; // under [origin, index, width]
const HEADS = "heads"; // under the origin
const OUTBOX = "outbox"; // under a name that only the code gives
const STORES = [DEVICE, ENTRIES, HEADS, OUTBOX];
const ALL = "all";
const WIDEST = 256;
/** What else a change of the database may take, in bytes. */
const SPARE = 262_144;
export class Store {
    #database = null;
    async read() {
        return (await this.#get(DEVICE, ALL)) ?? null;
    }
    /** Returns when it is on the disk. */
    async write(kept) {
        await seeThatThereIsRoom(2 * (kept.vault.length + (kept.diary?.length ?? 0)) + SPARE);
        await this.#change([DEVICE], (tables) => tables(DEVICE).put(kept, ALL));
    }
    /** Forgets everything. What a browser deletes lies in its files for a while. */
    async clear() {
        await this.#change(STORES, (tables) => STORES.forEach((name) => tables(name).clear()));
        await forgetRoom();
    }
    /** A file of entries in this width or a greater one. */
    async entries(origin, index, width) {
        const range = IDBKeyRange.bound([origin, index, width], [origin, index, WIDEST]);
        const all = await this.#run(ENTRIES, (table) => table.getAll(range));
        return all.at(-1) ?? null;
    }
    /** Keeps a file of entries, in the place of narrower ones. */
    async keepEntries(origin, index, width, file) {
        await seeThatThereIsRoom(2 * file.bytes.length + SPARE);
        await this.#change([ENTRIES], (tables) => {
            tables(ENTRIES).delete(IDBKeyRange.bound([origin, index, 0], [origin, index, width]));
            tables(ENTRIES).put(file, [origin, index, width]);
        });
    }
    /** Forgets the entries of a log: they led to no root that was signed. */
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
    /** Forgets sealed answers that no code admits any longer. */
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
            // "strict": the browser says "complete" when the disk has it, not when the system was told.
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
/** Opens the database. One that somebody clears, or a newer page upgrades, is opened again. */
function open(closed) {
    return new Promise((resolve, reject) => {
        const request = indexedDB.open(NAME, VERSION);
        request.onupgradeneeded = () => STORES.forEach((name) => request.result.createObjectStore(name));
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
