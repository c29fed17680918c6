// Holds the vault for one tab: opens it under the lock, changes it, stores it in one piece, and says
// what a screen may show.

import type { Authority, State, Witnesses } from "./ask.js";
import { Refused, failureOf } from "./failures.js";
import { Device, Key, type Shown, see_kept } from "./noren_wasm.js";
import type { Own } from "./own.js";
import type { Kept, Looked, Store } from "./store.js";
import { Tabs, alone } from "./tabs.js";

type Bytes = Uint8Array<ArrayBuffer>;

/** An opened device and the record that it came from; `kept` may be changed with it. */
export interface Opened {
  device: Device;
  kept: Kept;
}

/** What the module says of an authority. */
interface SeenAuthority {
  name: string;
  url: string;
  fingerprint: string;
  timeZone: string;
  origin: string;
  witnesses: Witnesses | null;
}

export function now(): number {
  return Date.now() / 1000;
}

export class Keeper {
  readonly store: Store;
  readonly own: Own;
  languages: string[] = ["en"];
  #key: Key | null = null; // of a passphrase, from unlocking to locking
  #shown: Shown | null = null;
  readonly #tabs: Tabs;
  readonly #show: (state: State) => void;

  constructor(store: Store, own: Own, show: (state: State) => void) {
    this.store = store;
    this.own = own;
    this.#show = show;
    this.#tabs = new Tabs((told) => {
      if (told === "lock") {
        this.#forgetKey();
      }
      void this.refresh();
    });
  }

  /** Changes what is kept, whole or not at all. Where nothing is kept, that is a refusal. */
  change<T>(act: (opened: Opened) => T): Promise<T> {
    return this.#changed(false, act);
  }

  /** As `change`; where nothing is kept yet, a vault is made. */
  changeOrMake<T>(act: (opened: Opened) => T): Promise<T> {
    return this.#changed(true, act);
  }

  /** A copy of what is kept, for reading without the lock; null where nothing is. To be freed. */
  async copy(): Promise<Opened | null> {
    const kept = await this.store.read();
    return kept === null ? null : { device: this.#open(kept), kept };
  }

  /** A device with the followed authorities and no visit: it needs no key. To be freed. */
  async bare(): Promise<Device> {
    const device = new Device();
    const kept = await this.store.read();
    kept?.profiles.forEach((profile) => device.pin_kept(profile));
    return device;
  }

  /** The profile of the page's own authority, where this device follows it or will: an authority that
   * somebody has stopped following warns them no more. [WEB-22] */
  async ownToFollow(): Promise<Bytes | null> {
    const kept = await this.store.read();
    return kept === null || kept.wantsOwn ? this.own.profile : null;
  }

  /** Shows what is kept now, after a tab changed it. Visits that have ended meanwhile are sealed. */
  async refresh(): Promise<State> {
    const state = await this.#state();
    this.#show(state);
    return state;
  }

  /** Notes that the notices on the screen were seen, as they were when they were shown. */
  async announce(notices: string[]): Promise<void> {
    const shown = this.#shown;
    if (shown !== null) {
      await this.change(({ device }) => device.announce(shown, notices));
    }
  }

  async forgetEvidence(log: string): Promise<void> {
    await this.store.forgetEvidence(log);
    await this.#changedNow();
  }

  async unlock(passphrase: string): Promise<void> {
    const kept = await this.store.read();
    if (kept === null || kept.key !== null) {
      throw new Refused("wrong-passphrase", "no passphrase protects this vault");
    }
    this.#hold(Key.unlock(kept.vault, passphrase));
    await this.refresh();
  }

  async lock(): Promise<void> {
    this.#forgetKey();
    this.#tabs.tell("lock");
    await this.refresh();
  }

  /** Seals everything anew under a passphrase, whose key takes the device key's place. */
  async setPassphrase(passphrase: string): Promise<void> {
    const key = Key.passphrase(passphrase);
    try {
      await this.#write(true, key, (opened) => (opened.kept.key = null));
    } catch (error) {
      key.free();
      throw error;
    }
    this.#hold(key);
    await this.refresh();
  }

  async removePassphrase(): Promise<void> {
    const bytes = Key.draw() as Bytes;
    const key = Key.device(bytes);
    try {
      await this.#write(false, key, (opened) => (opened.kept.key = bytes));
    } finally {
      key.free();
    }
    this.#forgetKey();
    await this.refresh();
  }

  /** Whom a record from elsewhere follows. Refuses one in which another has the place or the keys of an
   * authority that is known here. [WEB-23] */
  async seeCopy(kept: Kept): Promise<Authority[]> {
    const before = (await this.store.read())?.profiles ?? [];
    const known = this.own.profile === null ? before : [...before, this.own.profile];
    const device = new Device();
    try {
      for (const profile of kept.profiles) {
        device.pin_kept(profile);
        known.forEach((pinned) => goTogether(pinned, profile));
      }
    } finally {
      device.free();
    }
    return kept.profiles.map((profile) => authority(JSON.parse(see_kept(profile))));
  }

  /** Takes a record from elsewhere in the place of what is kept, once it has opened. */
  async replace(kept: Kept, passphrase: string | null): Promise<void> {
    await this.seeCopy(kept);
    let key: Key | null = null;
    if (kept.key === null) {
      if (passphrase === null) {
        throw new Refused("wrong-passphrase", "a passphrase protects this file");
      }
      key = Key.unlock(kept.vault, passphrase);
    }
    const before = this.#key;
    this.#key = key;
    try {
      this.#open(kept).free();
      await alone("noren-change", () => this.store.write(kept));
    } catch (error) {
      key?.free();
      this.#key = before;
      throw error;
    }
    before?.free();
    await this.#changedNow();
  }

  /** Deletes everything. */
  async forgetAll(): Promise<void> {
    await alone("noren-change", () => this.store.clear());
    this.#forgetKey();
    this.#tabs.tell("lock");
    await this.refresh();
  }

  async #changed<T>(mayMake: boolean, act: (opened: Opened) => T): Promise<T> {
    const result = await this.#write(mayMake, null, act);
    await this.#changedNow();
    return result;
  }

  async #changedNow(): Promise<void> {
    this.#tabs.tell("changed");
    await this.refresh();
  }

  /** Reads, changes and writes in one piece, sealed with the same key or another. */
  #write<T>(mayMake: boolean, other: Key | null, act: (opened: Opened) => T): Promise<T> {
    return alone("noren-change", async () => {
      const kept = (await this.store.read()) ?? (mayMake ? nothing() : null);
      if (kept === null) {
        throw new Refused("no-such-visit", "nothing is kept on this device");
      }
      const device = kept.vault.length === 0 ? new Device() : this.#open(kept);
      try {
        device.wake(now());
        const result = act({ device, kept });
        await this.#seal(device, kept, other);
        return result;
      } finally {
        device.free();
      }
    });
  }

  async #seal(device: Device, kept: Kept, other: Key | null): Promise<void> {
    const key = other ?? this.#keyOf(kept);
    try {
      kept.vault = device.seal_vault(key) as Bytes;
      kept.diary = (device.seal_diary(key) as Bytes | undefined) ?? null;
    } finally {
      if (key !== other && key !== this.#key) {
        key.free();
      }
    }
    const places = Array.from({ length: device.followed() }, (_, place) => device.pinned(place));
    kept.profiles = places.filter((profile) => profile !== undefined) as Bytes[];
    await this.store.write(kept);
  }

  #open(kept: Kept): Device {
    const key = this.#keyOf(kept);
    try {
      const device = Device.open(kept.vault, kept.diary, key);
      kept.profiles.forEach((profile) => device.pin_kept(profile));
      return device;
    } finally {
      if (key !== this.#key) {
        key.free();
      }
    }
  }

  /** The device's key, made for the moment, or the passphrase's, if it fits what is kept now. */
  #keyOf(kept: Kept): Key {
    if (kept.key !== null) {
      return Key.device(kept.key);
    }
    if (this.#key === null || !this.#key.fits(kept.vault)) {
      throw new Refused("locked", "a passphrase protects what is kept");
    }
    return this.#key;
  }

  #hold(key: Key): void {
    this.#forgetKey();
    this.#key = key;
  }

  #forgetKey(): void {
    this.#key?.free();
    this.#key = null;
  }

  async #state(): Promise<State> {
    const kept = await this.store.read();
    const state: State = {
      vault: "none",
      protection: null,
      isPersistent: (await navigator.storage?.persisted?.()) ?? false,
      authorities: (kept?.profiles ?? []).map((profile) => authority(JSON.parse(see_kept(profile)), kept?.looked)),
      own: this.own.seen(kept?.looked),
      open: [],
      closed: [],
      notices: [],
      evidence: await this.store.evidence(),
      isRecordingDiary: false,
      diary: [],
    };
    if (kept === null) {
      return state;
    }
    state.protection = kept.key === null ? "passphrase" : "device";
    try {
      return { ...state, vault: "open", ...(await this.#inside(kept)) };
    } catch (error) {
      return { ...state, vault: failureOf(error).code === "locked" ? "locked" : "damaged" };
    }
  }

  async #inside(kept: Kept): Promise<Partial<State>> {
    const device = this.#open(kept);
    try {
      if (device.wake(now())) {
        // On the disk as well, so that the code of a visit that has ended is forgotten there.
        await this.#write(false, null, () => {}).catch(() => {});
      }
      const { authorities: _, ...inside } = JSON.parse(device.state(this.languages)) as State;
      this.#shown?.free();
      this.#shown = device.shown();
      return inside;
    } finally {
      device.free();
    }
  }
}

/** An authority as a screen shows it. */
export function authority(seen: SeenAuthority, looked: Looked[] = []): Authority {
  const { name, url, fingerprint, timeZone, origin, witnesses } = seen;
  const last = looked.find((each) => each.origin === origin);
  return { name, url, fingerprint, timeZone, witnesses, lookedAt: last?.at ?? null, problem: last?.problem ?? null };
}

/** Throws where two profiles cannot both be pinned, whichever came first. */
function goTogether(one: Bytes, other: Bytes): void {
  try {
    pinBoth(one, other);
  } catch {
    pinBoth(other, one);
  }
}

function pinBoth(first: Bytes, second: Bytes): void {
  const device = new Device();
  try {
    device.pin_kept(first);
    device.pin_kept(second);
  } finally {
    device.free();
  }
}

function nothing(): Kept {
  const key = Key.draw() as Bytes;
  return { vault: new Uint8Array(), diary: null, key, profiles: [], looked: [], wantsOwn: true };
}
