import { Refused, failureOf } from "./failures.js";
import { Device, Key, see_kept } from "./noren_wasm.js";
import { Tabs, alone } from "./tabs.js";
export function now() {
    return Date.now() / 1000;
}
export class Keeper {
    store;
    own;
    languages = ["en"];
    #key = null;
    #shown = null;
    #tabs;
    #show;
    constructor(store, own, show) {
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
    change(act) {
        return this.#changed(false, act);
    }
    changeOrMake(act) {
        return this.#changed(true, act);
    }
    async copy() {
        const kept = await this.store.read();
        return kept === null ? null : { device: this.#open(kept), kept };
    }
    async bare() {
        const device = new Device();
        const kept = await this.store.read();
        kept?.profiles.forEach((profile) => device.pin_kept(profile));
        return device;
    }
    async ownToFollow() {
        const kept = await this.store.read();
        return kept === null || kept.wantsOwn ? this.own.profile : null;
    }
    async refresh() {
        const state = await this.#state();
        this.#show(state);
        return state;
    }
    async announce(notices) {
        const shown = this.#shown;
        if (shown !== null) {
            await this.change(({ device }) => device.announce(shown, notices));
        }
    }
    async forgetEvidence(log) {
        await this.store.forgetEvidence(log);
        await this.#changedNow();
    }
    async unlock(passphrase) {
        const kept = await this.store.read();
        if (kept === null || kept.key !== null) {
            throw new Refused("wrong-passphrase", "no passphrase protects this vault");
        }
        this.#hold(Key.unlock(kept.vault, passphrase));
        await this.refresh();
    }
    async lock() {
        this.#forgetKey();
        this.#tabs.tell("lock");
        await this.refresh();
    }
    async setPassphrase(passphrase) {
        const key = Key.passphrase(passphrase);
        try {
            await this.#write(true, key, (opened) => (opened.kept.key = null));
        }
        catch (error) {
            key.free();
            throw error;
        }
        this.#hold(key);
        await this.refresh();
    }
    async removePassphrase() {
        const bytes = Key.draw();
        const key = Key.device(bytes);
        try {
            await this.#write(false, key, (opened) => (opened.kept.key = bytes));
        }
        finally {
            key.free();
        }
        this.#forgetKey();
        await this.refresh();
    }
    async seeCopy(kept) {
        const before = (await this.store.read())?.profiles ?? [];
        const known = this.own.profile === null ? before : [...before, this.own.profile];
        const device = new Device();
        try {
            for (const profile of kept.profiles) {
                device.pin_kept(profile);
                known.forEach((pinned) => goTogether(pinned, profile));
            }
        }
        finally {
            device.free();
        }
        return kept.profiles.map((profile) => authority(JSON.parse(see_kept(profile))));
    }
    async replace(kept, passphrase) {
        await this.seeCopy(kept);
        let key = null;
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
        }
        catch (error) {
            key?.free();
            this.#key = before;
            throw error;
        }
        before?.free();
        await this.#changedNow();
    }
    async forgetAll() {
        await alone("noren-change", () => this.store.clear());
        this.#forgetKey();
        this.#tabs.tell("lock");
        await this.refresh();
    }
    async #changed(mayMake, act) {
        const result = await this.#write(mayMake, null, act);
        await this.#changedNow();
        return result;
    }
    async #changedNow() {
        this.#tabs.tell("changed");
        await this.refresh();
    }
    #write(mayMake, other, act) {
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
            }
            finally {
                device.free();
            }
        });
    }
    async #seal(device, kept, other) {
        const key = other ?? this.#keyOf(kept);
        try {
            kept.vault = device.seal_vault(key);
            kept.diary = device.seal_diary(key) ?? null;
        }
        finally {
            if (key !== other && key !== this.#key) {
                key.free();
            }
        }
        const places = Array.from({ length: device.followed() }, (_, place) => device.pinned(place));
        kept.profiles = places.filter((profile) => profile !== undefined);
        await this.store.write(kept);
    }
    #open(kept) {
        const key = this.#keyOf(kept);
        try {
            const device = Device.open(kept.vault, kept.diary, key);
            kept.profiles.forEach((profile) => device.pin_kept(profile));
            return device;
        }
        finally {
            if (key !== this.#key) {
                key.free();
            }
        }
    }
    #keyOf(kept) {
        if (kept.key !== null) {
            return Key.device(kept.key);
        }
        if (this.#key === null || !this.#key.fits(kept.vault)) {
            throw new Refused("locked", "a passphrase protects what is kept");
        }
        return this.#key;
    }
    #hold(key) {
        this.#forgetKey();
        this.#key = key;
    }
    #forgetKey() {
        this.#key?.free();
        this.#key = null;
    }
    async #state() {
        const kept = await this.store.read();
        const state = {
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
        }
        catch (error) {
            return { ...state, vault: failureOf(error).code === "locked" ? "locked" : "damaged" };
        }
    }
    async #inside(kept) {
        const device = this.#open(kept);
        try {
            if (device.wake(now())) {
                await this.#write(false, null, () => { }).catch(() => { });
            }
            const { authorities: _, ...inside } = JSON.parse(device.state(this.languages));
            this.#shown?.free();
            this.#shown = device.shown();
            return inside;
        }
        finally {
            device.free();
        }
    }
}
export function authority(seen, looked = []) {
    const { name, url, fingerprint, timeZone, origin, witnesses } = seen;
    const last = looked.find((each) => each.origin === origin);
    return { name, url, fingerprint, timeZone, witnesses, lookedAt: last?.at ?? null, problem: last?.problem ?? null };
}
function goTogether(one, other) {
    try {
        pinBoth(one, other);
    }
    catch {
        pinBoth(other, one);
    }
}
function pinBoth(first, second) {
    const device = new Device();
    try {
        device.pin_kept(first);
        device.pin_kept(second);
    }
    finally {
        device.free();
    }
}
function nothing() {
    const key = Key.draw();
    return { vault: new Uint8Array(), diary: null, key, profiles: [], looked: [], wantsOwn: true };
}
