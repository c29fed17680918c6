import { Refused } from "./failures.js";
import { download } from "./fetching.js";
const MOST_FILES = 4_096;
const LONGEST = 300_000;
const NO_ANSWER = { bytes: null, serverTime: null };
export class LogFiles {
    head = null;
    isPassedOver = false;
    #neededFrom = 0;
    #url;
    #origin;
    #store;
    #spare = new Map();
    #fixed = new Map();
    #until = Date.now() + LONGEST;
    #left = MOST_FILES;
    #isOver = false;
    constructor(url, origin, store) {
        this.#url = url;
        this.#origin = origin;
        this.#store = store;
    }
    has(path, bytes) {
        this.#fixed.set(path, bytes);
    }
    async download(round, tell) {
        await this.#read(round, tell);
        const head = round.checkpoint();
        if (head !== undefined) {
            this.head = head;
        }
        this.#isOver = true;
    }
    async match(round) {
        await this.#read(round, () => { });
    }
    async accept() {
        if (this.head !== null) {
            await this.#store?.keepHead(this.#origin, this.head).catch(() => { });
            await this.#store?.forgetEntriesBefore(this.#origin, this.#neededFrom).catch(() => { });
        }
    }
    async discard() {
        await this.#store?.forgetEntries(this.#origin).catch(() => { });
    }
    async #read(round, tell) {
        const seen = await this.#store?.head(this.#origin);
        if (seen) {
            round.remember(seen);
        }
        const places = await this.#store?.places(this.#origin).catch(() => null);
        this.isPassedOver = places ? round.remember_kept(places) : false;
        while (!round.is_complete()) {
            await this.#give(round, JSON.parse(round.wants()));
            while (round.work()) {
                await pause();
            }
            tell(JSON.parse(round.progress()));
        }
        this.#neededFrom = round.needed_from();
    }
    async #give(round, wanted) {
        const answers = wanted.map((each) => this.#find(each));
        answers.forEach((answer) => void answer.catch(() => { }));
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
    async #find(wanted) {
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
    async #kept({ index, width, path }) {
        const spare = this.#spare.get(path);
        return spare ?? (await this.#store?.entries(this.#origin, index, width).catch(() => null)) ?? null;
    }
    async #keep(wanted, file) {
        try {
            if (this.#store === null) {
                throw new Refused("full", "nothing is kept of this look");
            }
            await this.#store.keepEntries(this.#origin, wanted.index, wanted.width, file);
        }
        catch {
            this.#spare.set(wanted.path, file);
        }
    }
}
function pause() {
    return new Promise((resolve) => setTimeout(resolve, 0));
}
