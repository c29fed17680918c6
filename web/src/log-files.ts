// The files of one authority's log, for one look: kept ones where they do, else the server's.

import type { Progress } from "./ask.js";
import { Refused } from "./failures.js";
import { type Answer, download } from "./fetching.js";
import type { Round } from "./noren_wasm.js";
import type { EntryFile, Store } from "./store.js";

/** What the module asks for. */
interface Wanted {
  path: string;
  isEntries: boolean;
  index: number;
  width: number;
  maxLength: number;
  mayBeKept: boolean;
}

/** How much one authority may cost in one look, whatever its server says and however slowly. */
const MOST_FILES = 4_096;
const LONGEST = 300_000; // milliseconds

const NO_ANSWER: Answer = { bytes: null, serverTime: null };

export class LogFiles {
  head: Uint8Array<ArrayBuffer> | null = null;
  /** Whether all that was read before is kept, and so was not read again. [LOG-16] */
  isPassedOver = false;
  #neededFrom = 0;
  readonly #url: string;
  readonly #origin: string;
  /** Where files are kept; null: nowhere, for what must leave nothing behind. */
  readonly #store: Store | null;
  /** What the device has no room for, or must not keep. */
  readonly #spare = new Map<string, EntryFile>();
  readonly #fixed = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly #until = Date.now() + LONGEST;
  #left = MOST_FILES;
  #isOver = false;

  constructor(url: string, origin: string, store: Store | null) {
    this.#url = url;
    this.#origin = origin;
    this.#store = store;
  }

  /** A file that came already in the course of this look. */
  has(path: string, bytes: Uint8Array<ArrayBuffer>): void {
    this.#fixed.set(path, bytes);
  }

  /** Downloads all that a round wants. */
  async download(round: Round, tell: (progress: Progress) => void): Promise<void> {
    await this.#read(round, tell);
    const head = round.checkpoint();
    if (head !== undefined) {
      this.head = head as Uint8Array<ArrayBuffer>;
    }
    this.#isOver = true;
  }

  /** Gives a round all that it wants of what was downloaded. No request is made. [WEB-3] */
  async match(round: Round): Promise<void> {
    await this.#read(round, () => {});
  }

  /** Notes that the log was accepted as it is. */
  async accept(): Promise<void> {
    if (this.head !== null) {
      await this.#store?.keepHead(this.#origin, this.head).catch(() => {});
      // [LOG-19]
      await this.#store?.forgetEntriesBefore(this.#origin, this.#neededFrom).catch(() => {});
    }
  }

  /** Forgets what was downloaded: it is not to be taken for right the next time. */
  async discard(): Promise<void> {
    await this.#store?.forgetEntries(this.#origin).catch(() => {});
  }

  async #read(round: Round, tell: (progress: Progress) => void): Promise<void> {
    const seen = await this.#store?.head(this.#origin);
    if (seen) {
      round.remember(seen);
    }
    const places = await this.#store?.places(this.#origin).catch(() => null);
    this.isPassedOver = places ? round.remember_kept(places) : false;
    while (!round.is_complete()) {
      await this.#give(round, JSON.parse(round.wants()) as Wanted[]);
      while (round.work()) {
        // Other asks are answered between two pieces of work.
        await pause();
      }
      tell(JSON.parse(round.progress()) as Progress);
    }
    this.#neededFrom = round.needed_from();
  }

  /** At most eight files at once, asked for together and given in their order. */
  async #give(round: Round, wanted: Wanted[]): Promise<void> {
    const answers = wanted.map((each) => this.#find(each));
    // What fails is told in its turn; the others are not left alone with their failures.
    answers.forEach((answer) => void answer.catch(() => {}));
    for (const [place, each] of wanted.entries()) {
      const found = await answers[place];
      if (found !== undefined) {
        round.give(found.path, found.answer.bytes, found.isKept, found.answer.serverTime);
        if (each.isEntries && !found.isKept && found.answer.bytes !== null) {
          await this.#keep(each, { path: found.path, bytes: found.answer.bytes });
        }
      }
    }
  }

  async #find(wanted: Wanted): Promise<{ path: string; answer: Answer; isKept: boolean }> {
    const fixed = this.#fixed.get(wanted.path);
    if (fixed !== undefined) {
      return { path: wanted.path, answer: { bytes: fixed, serverTime: null }, isKept: false };
    }
    const kept = wanted.isEntries && wanted.mayBeKept ? await this.#kept(wanted) : null;
    if (kept !== null) {
      return { path: kept.path, answer: { bytes: kept.bytes, serverTime: null }, isKept: true };
    }
    if (this.#isOver) {
      return { path: wanted.path, answer: NO_ANSWER, isKept: false };
    }
    if ((this.#left -= 1) < 0 || Date.now() > this.#until) {
      throw new Refused("offline", "the log is longer than is read at once: look again to go on");
    }
    const answer = await download(`${this.#url}/${wanted.path}`, wanted.maxLength);
    if (!wanted.isEntries && answer.bytes !== null) {
      this.#fixed.set(wanted.path, answer.bytes);
    }
    return { path: wanted.path, answer, isKept: false };
  }

  async #kept({ index, width, path }: Wanted): Promise<EntryFile | null> {
    const spare = this.#spare.get(path);
    return spare ?? (await this.#store?.entries(this.#origin, index, width).catch(() => null)) ?? null;
  }

  async #keep(wanted: Wanted, file: EntryFile): Promise<void> {
    try {
      if (this.#store === null) {
        throw new Refused("full", "nothing is kept of this look");
      }
      await this.#store.keepEntries(this.#origin, wanted.index, wanted.width, file);
    } catch {
      // The look goes on without room; the next one downloads this file again.
      this.#spare.set(wanted.path, file);
    }
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
