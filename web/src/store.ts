// What is kept in the browser: one record with all that is the visitor's, files of logs that everybody
// may read, and sealed answers that wait for a server's word.
//
// The key of a vault without a passphrase stands beside it in clear. A WebCrypto key that "cannot be
// exported" does too, in the files of the browser; so nothing more is claimed. [WEB-4]

import type { Evidence, Failure } from "./ask.js";
import { Refused } from "./failures.js";
import { forgetRoom, seeThatThereIsRoom } from "./room.js";

/** The visitor's record. It is written whole: vault and key never part. [WEB-5] */
export interface Kept {
  vault: Uint8Array<ArrayBuffer>;
  diary: Uint8Array<ArrayBuffer> | null;
  key: Uint8Array<ArrayBuffer> | null; // null: a passphrase makes it
  profiles: Uint8Array<ArrayBuffer>[]; // pins of the authorities that are followed: their profiles, or more
  looked: Looked[];
  wantsOwn: boolean; // the page's own authority is to be followed once it is reached
}

/** When an authority's log was read, by the origin that outlives its keys. */
export interface Looked {
  origin: string;
  at: number | null;
  problem: Failure | null;
}

/** A file of a log's entries, by the path under which a server has it. */
export interface EntryFile {
  path: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/** Sealed bytes that may have been received, and of what. */
export interface Sent {
  content: string;
  body: Uint8Array<ArrayBuffer>;
  made: number;
}

const NAME = "noren";
const VERSION = 2;
const DEVICE = "device"; // one record, under ALL
const ENTRIES = "entries"; // under [origin, index, width]
const HEADS = "heads"; // under the origin
const OUTBOX = "outbox"; // under a name that only the code gives
const EVIDENCE = "evidence"; // under its name; since version 2
const STORES = [DEVICE, ENTRIES, HEADS, OUTBOX, EVIDENCE];
const ALL = "all";
const WIDEST = 256;
/** What else a change of the database may take, in bytes. */
const SPARE = 262_144;

export class Store {
  #database: Promise<IDBDatabase> | null = null;

  async read(): Promise<Kept | null> {
    return (await this.#get<Kept>(DEVICE, ALL)) ?? null;
  }

  /** Returns when it is on the disk. */
  async write(kept: Kept): Promise<void> {
    await seeThatThereIsRoom(2 * (kept.vault.length + (kept.diary?.length ?? 0)) + SPARE);
    await this.#change([DEVICE], (tables) => tables(DEVICE).put(kept, ALL));
  }

  /** Forgets everything. What a browser deletes lies in its files for a while. */
  async clear(): Promise<void> {
    await this.#change(STORES, (tables) => STORES.forEach((name) => tables(name).clear()));
    await forgetRoom();
  }

  /** A file of entries in this width or a greater one. */
  async entries(origin: string, index: number, width: number): Promise<EntryFile | null> {
    const range = IDBKeyRange.bound([origin, index, width], [origin, index, WIDEST]);
    const all = await this.#run<EntryFile[]>(ENTRIES, (table) => table.getAll(range));
    return all.at(-1) ?? null;
  }

  /** Keeps a file of entries, in the place of narrower ones. */
  async keepEntries(origin: string, index: number, width: number, file: EntryFile): Promise<void> {
    await seeThatThereIsRoom(2 * file.bytes.length + SPARE);
    await this.#change([ENTRIES], (tables) => {
      tables(ENTRIES).delete(IDBKeyRange.bound([origin, index, 0], [origin, index, width]));
      tables(ENTRIES).put(file, [origin, index, width]);
    });
  }

  /** Which entries are kept: index and width of each file, one after the other. No file is read. */
  async places(origin: string): Promise<Uint32Array> {
    const range = IDBKeyRange.bound([origin], [origin, []]);
    const keys = await this.#run<IDBValidKey[]>(ENTRIES, (table) => table.getAllKeys(range));
    return Uint32Array.from((keys as [string, number, number][]).flatMap(([, index, width]) => [index, width]));
  }

  /** Forgets the files before one. */
  async forgetEntriesBefore(origin: string, index: number): Promise<void> {
    const range = IDBKeyRange.bound([origin], [origin, index], false, true);
    await this.#change([ENTRIES], (tables) => tables(ENTRIES).delete(range));
  }

  /** Forgets the entries of a log: they led to no root that was signed. */
  async forgetEntries(origin: string): Promise<void> {
    const range = IDBKeyRange.bound([origin], [origin, []]);
    await this.#change([ENTRIES], (tables) => tables(ENTRIES).delete(range));
  }

  async head(origin: string): Promise<Uint8Array<ArrayBuffer> | null> {
    return (await this.#get<Uint8Array<ArrayBuffer>>(HEADS, origin)) ?? null;
  }

  async keepHead(origin: string, note: Uint8Array<ArrayBuffer>): Promise<void> {
    await seeThatThereIsRoom(SPARE);
    await this.#change([HEADS], (tables) => tables(HEADS).put(note, origin));
  }

  /** Signed heads that contradict each other, of all logs. */
  evidence(): Promise<Evidence[]> {
    return this.#run<Evidence[]>(EVIDENCE, (table) => table.getAll());
  }

  /** Keeps evidence, unless there is enough of its log: later pieces add little. [WEB-12] */
  async keepEvidence(evidence: Evidence): Promise<void> {
    const known = (await this.evidence()).filter(({ log }) => log === evidence.log);
    if (known.length < evidence.most && !known.some(({ name }) => name === evidence.name)) {
      await seeThatThereIsRoom(SPARE);
      await this.#change([EVIDENCE], (tables) => tables(EVIDENCE).put(evidence, evidence.name));
    }
  }

  async forgetEvidence(log: string): Promise<void> {
    await this.#change([EVIDENCE], (tables) => tables(EVIDENCE).delete(IDBKeyRange.bound(log, `${log}\uffff`)));
  }

  async sent(name: string): Promise<Sent | null> {
    return (await this.#get<Sent>(OUTBOX, name)) ?? null;
  }

  async keepSent(name: string, sent: Sent): Promise<void> {
    await seeThatThereIsRoom(SPARE);
    await this.#change([OUTBOX], (tables) => tables(OUTBOX).put(sent, name));
  }

  async forgetSent(name: string): Promise<void> {
    await this.#change([OUTBOX], (tables) => tables(OUTBOX).delete(name));
  }

  /** Forgets sealed answers that no code admits any longer. */
  async forgetSentBefore(time: number): Promise<void> {
    const names = await this.#run<IDBValidKey[]>(OUTBOX, (table) => table.getAllKeys());
    for (const name of names) {
      const sent = await this.#get<Sent>(OUTBOX, name);
      if (sent !== undefined && sent.made < time) {
        await this.#change([OUTBOX], (tables) => tables(OUTBOX).delete(name));
      }
    }
  }

  #get<T>(name: string, key: IDBValidKey): Promise<T | undefined> {
    return this.#run<T | undefined>(name, (table) => table.get(key));
  }

  async #run<T>(name: string, ask: (table: IDBObjectStore) => IDBRequest): Promise<T> {
    const database = await this.#opened();
    return new Promise<T>((resolve, reject) => {
      const request = ask(database.transaction(name, "readonly").objectStore(name));
      request.onsuccess = () => resolve(request.result as T);
      request.onerror = () => reject(request.error);
    });
  }

  async #change(names: string[], act: (tables: (name: string) => IDBObjectStore) => void): Promise<void> {
    const database = await this.#opened();
    await new Promise<void>((resolve, reject) => {
      // "strict": the browser says "complete" when the disk has it, not when the system was told.
      const change = database.transaction(names, "readwrite", { durability: "strict" });
      change.oncomplete = () => resolve();
      change.onabort = () => reject(change.error ?? new Refused("defect", "the browser gave a change up"));
      try {
        act((name) => change.objectStore(name));
      } catch (error) {
        change.abort();
        reject(error);
      }
    });
  }

  #opened(): Promise<IDBDatabase> {
    this.#database ??= open(() => (this.#database = null));
    this.#database.catch(() => (this.#database = null));
    return this.#database;
  }
}

/** Opens the database. One that somebody clears, or a newer page upgrades, is opened again. */
function open(closed: () => void): Promise<IDBDatabase> {
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
