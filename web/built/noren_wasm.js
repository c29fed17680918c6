/* @ts-self-types="./noren_wasm.d.ts" */

/**
 * Vault, diary and followed authorities, opened for one change. The worker opens it under a lock,
 * changes it, and stores what [`Device::seal_vault`] and [`Device::seal_diary`] give in one piece.
 */
export class Device {
    static __wrap(ptr) {
        const obj = Object.create(Device.prototype);
        obj.__wbg_ptr = ptr;
        DeviceFinalization.register(obj, obj.__wbg_ptr, obj);
        return obj;
    }
    __destroy_into_raw() {
        const ptr = this.__wbg_ptr;
        this.__wbg_ptr = 0;
        DeviceFinalization.unregister(this);
        return ptr;
    }
    free() {
        const ptr = this.__destroy_into_raw();
        wasm.__wbg_device_free(ptr, 0);
    }
    /**
     * Notes that the visitor has seen these of the notices that were shown.
     * @param {Shown} shown
     * @param {string[]} notices
     */
    announce(shown, notices) {
        _assertClass(shown, Shown);
        const ptr0 = passArrayJsValueToWasm0(notices, wasm.__wbindgen_malloc);
        const len0 = WASM_VECTOR_LEN;
        wasm.device_announce(this.__wbg_ptr, shown.__wbg_ptr, ptr0, len0);
    }
    /**
     * Asks that at least so many of these witnesses have seen an authority's log: verifier keys,
     * apart by spaces or lines. Without keys, none are asked for any more.
     *
     * # Errors
     * Code `other-authority` where it is not followed; `bad-form` where that is no policy.
     * @param {string} fingerprint
     * @param {number} least
     * @param {string} keys
     */
    ask_witnesses(fingerprint, least, keys) {
        const val3 = +least;
        let ptr0, len0, ptr1, len1;
        try {
            ptr0 = passStringToWasm0(fingerprint, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
            len0 = WASM_VECTOR_LEN;
            ptr1 = passStringToWasm0(keys, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
            len1 = WASM_VECTOR_LEN;
        } catch (e) {
            if (ptr1) { wasm.__wbindgen_free(ptr1, len1 * 1, 1); }
            if (ptr0) { wasm.__wbindgen_free(ptr0, len0 * 1, 1); }
            throw e;
        }
        const ret = wasm.device_ask_witnesses(this.__wbg_ptr, ptr0, len0, val3, ptr1, len1);
        if (ret[1]) {
            throw takeFromExternrefTable0(ret[0]);
        }
    }
    /**
     * Checks in, now or for somebody who came earlier and may have left. Returns `CheckedIn`.
     *
     * # Errors
     * Codes `not-a-code`, `private-code`, `wrong-time`, `too-old`, `not-yet-valid`, `no-longer-valid`,
     * `clock`.
     * @param {string} link
     * @param {number | null | undefined} arrival
     * @param {number | null | undefined} departure
     * @param {number} now
     * @returns {string}
     */
    check_in(link, arrival, departure, now) {
        let deferred6_0;
        let deferred6_1;
        try {
            const val2 = +(isLikeNone(arrival) ? 0 : arrival);
            const val3 = +(isLikeNone(departure) ? 0 : departure);
            const val4 = +now;
            const ptr0 = passStringToWasm0(link, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
            const len0 = WASM_VECTOR_LEN;
            const ret = wasm.device_check_in(this.__wbg_ptr, ptr0, len0, !isLikeNone(arrival), val2, !isLikeNone(departure), val3, val4);
            var ptr5 = ret[0];
            var len5 = ret[1];
            if (ret[3]) {
                ptr5 = 0; len5 = 0;
                throw takeFromExternrefTable0(ret[2]);
            }
            deferred6_0 = ptr5;
            deferred6_1 = len5;
            return getStringFromWasm0(ptr5, len5);
        } finally {
            wasm.__wbindgen_free(deferred6_0, deferred6_1, 1);
        }
    }
    /**
     * Ends a visit, now or at a time that has passed; one that is to come is planned.
     *
     * # Errors
     * Codes `no-such-visit`, `wrong-time`.
     * @param {string} visit
     * @param {number | null | undefined} departure
     * @param {number} now
     */
    check_out(visit, departure, now) {
        const val2 = +(isLikeNone(departure) ? 0 : departure);
        const val3 = +now;
        const ptr0 = passStringToWasm0(visit, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
        const len0 = WASM_VECTOR_LEN;
        const ret = wasm.device_check_out(this.__wbg_ptr, ptr0, len0, !isLikeNone(departure), val2, val3);
        if (ret[1]) {
            throw takeFromExternrefTable0(ret[0]);
        }
    }
    /**
     * Corrects when an open visit began.
     *
     * # Errors
     * Codes `no-such-visit`, `wrong-time`, `not-yet-valid`, `no-longer-valid`.
     * @param {string} visit
     * @param {number} arrival
     * @param {number} now
     */
    correct_arrival(visit, arrival, now) {
        const val2 = +arrival;
        const val3 = +now;
        const ptr0 = passStringToWasm0(visit, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
        const len0 = WASM_VECTOR_LEN;
        const ret = wasm.device_correct_arrival(this.__wbg_ptr, ptr0, len0, val2, val3);
        if (ret[1]) {
            throw takeFromExternrefTable0(ret[0]);
        }
    }
    /**
     * Stops showing a notice.
     *
     * # Errors
     * Code `no-such-visit` where there is none of this id.
     * @param {string} notice
     */
    dismiss(notice) {
        const ptr0 = passStringToWasm0(notice, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
        const len0 = WASM_VECTOR_LEN;
        const ret = wasm.device_dismiss(this.__wbg_ptr, ptr0, len0);
        if (ret[1]) {
            throw takeFromExternrefTable0(ret[0]);
        }
    }
    /**
     * Follows an authority whose fingerprint somebody has seen, or the page's own (`None`).
     *
     * # Errors
     * Codes `wrong-fingerprint`, `refused-log`.
     * @param {Uint8Array | number[]} profile
     * @param {string | null} [fingerprint]
     */
    follow(profile, fingerprint) {
        let ptr0, len0, ptr1, len1;
        try {
            ptr0 = passArray8ToWasm0(profile, wasm.__wbindgen_malloc);
            len0 = WASM_VECTOR_LEN;
            ptr1 = isLikeNone(fingerprint) ? 0 : passStringToWasm0(fingerprint, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
            len1 = WASM_VECTOR_LEN;
        } catch (e) {
            if (ptr1) { wasm.__wbindgen_free(ptr1, len1 * 1, 1); }
            if (ptr0) { wasm.__wbindgen_free(ptr0, len0 * 1, 1); }
            throw e;
        }
        const ret = wasm.device_follow(this.__wbg_ptr, ptr0, len0, ptr1, len1);
        if (ret[1]) {
            throw takeFromExternrefTable0(ret[0]);
        }
    }
    /**
     * Returns how many authorities are followed.
     * @returns {number}
     */
    followed() {
        const ret = wasm.device_followed(this.__wbg_ptr);
        return ret >>> 0;
    }
    /**
     * Makes a device that keeps nothing but the visit of a slip, for the reading of one authority's
     * log from its beginning. It is dropped when the answer is shown. Its first authority is the
     * page's own.
     *
     * # Errors
     * Codes `not-a-code`, `private-code`, `wrong-time`, `not-yet-valid`, `no-longer-valid`;
     * `other-authority` where none of these authorities would warn of the venue.
     * @param {string} link
     * @param {number} from
     * @param {number} to
     * @param {number} now
     * @returns {Device}
     */
    for_slip(link, from, to, now) {
        const val2 = +from;
        const val3 = +to;
        const val4 = +now;
        const ptr0 = passStringToWasm0(link, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
        const len0 = WASM_VECTOR_LEN;
        const ret = wasm.device_for_slip(this.__wbg_ptr, ptr0, len0, val2, val3, val4);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return Device.__wrap(ret[0]);
    }
    /**
     * Forgets an entry; the visit's sealed records stay.
     *
     * # Errors
     * Code `no-such-visit`.
     * @param {string} entry
     */
    forget_diary(entry) {
        const ptr0 = passStringToWasm0(entry, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
        const len0 = WASM_VECTOR_LEN;
        const ret = wasm.device_forget_diary(this.__wbg_ptr, ptr0, len0);
        if (ret[1]) {
            throw takeFromExternrefTable0(ret[0]);
        }
    }
    /**
     * Forgets a visit wherever it is kept, with its notices.
     *
     * # Errors
     * Code `no-such-visit`.
     * @param {string} visit
     */
    forget_visit(visit) {
        const ptr0 = passStringToWasm0(visit, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
        const len0 = WASM_VECTOR_LEN;
        const ret = wasm.device_forget_visit(this.__wbg_ptr, ptr0, len0);
        if (ret[1]) {
            throw takeFromExternrefTable0(ret[0]);
        }
    }
    /**
     * Makes a device that keeps nothing.
     */
    constructor() {
        const ret = wasm.device_new();
        this.__wbg_ptr = ret;
        DeviceFinalization.register(this, this.__wbg_ptr, this);
        return this;
    }
    /**
     * Writes a note beside an entry.
     *
     * # Errors
     * Codes `no-such-visit`, `bad-form`.
     * @param {string} entry
     * @param {string} note
     */
    note_diary(entry, note) {
        let ptr0, len0, ptr1, len1;
        try {
            ptr0 = passStringToWasm0(entry, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
            len0 = WASM_VECTOR_LEN;
            ptr1 = passStringToWasm0(note, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
            len1 = WASM_VECTOR_LEN;
        } catch (e) {
            if (ptr1) { wasm.__wbindgen_free(ptr1, len1 * 1, 1); }
            if (ptr0) { wasm.__wbindgen_free(ptr0, len0 * 1, 1); }
            throw e;
        }
        const ret = wasm.device_note_diary(this.__wbg_ptr, ptr0, len0, ptr1, len1);
        if (ret[1]) {
            throw takeFromExternrefTable0(ret[0]);
        }
    }
    /**
     * Opens what was sealed. The followed authorities are added with [`Device::pin_kept`].
     *
     * # Errors
     * Code `damaged`.
     * @param {Uint8Array | number[]} vault
     * @param {Uint8Array | number[] | null | undefined} diary
     * @param {Key} key
     * @returns {Device}
     */
    static open(vault, diary, key) {
        _assertClass(key, Key);
        let ptr0, len0, ptr1, len1;
        try {
            ptr0 = passArray8ToWasm0(vault, wasm.__wbindgen_malloc);
            len0 = WASM_VECTOR_LEN;
            ptr1 = isLikeNone(diary) ? 0 : passArray8ToWasm0(diary, wasm.__wbindgen_malloc);
            len1 = WASM_VECTOR_LEN;
        } catch (e) {
            if (ptr1) { wasm.__wbindgen_free(ptr1, len1 * 1, 1); }
            if (ptr0) { wasm.__wbindgen_free(ptr0, len0 * 1, 1); }
            throw e;
        }
        const ret = wasm.device_open(ptr0, len0, ptr1, len1, key.__wbg_ptr);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return Device.__wrap(ret[0]);
    }
    /**
     * Takes what [`Device::pinned`] gave for the pin that it is.
     *
     * # Errors
     * Code `refused-log` for what is no valid pin, contradicts another one, or is one too many.
     * @param {Uint8Array | number[]} pin
     */
    pin_kept(pin) {
        const ptr0 = passArray8ToWasm0(pin, wasm.__wbindgen_malloc);
        const len0 = WASM_VECTOR_LEN;
        const ret = wasm.device_pin_kept(this.__wbg_ptr, ptr0, len0);
        if (ret[1]) {
            throw takeFromExternrefTable0(ret[0]);
        }
    }
    /**
     * Returns the bytes of a pin, to keep: the profile, and the witnesses that are asked for.
     * @param {number} place
     * @returns {Uint8Array | undefined}
     */
    pinned(place) {
        const ret = wasm.device_pinned(this.__wbg_ptr, place);
        let v1;
        if (ret[0] !== 0) {
            v1 = getArrayU8FromWasm0(ret[0], ret[1]).slice();
            wasm.__wbindgen_free(ret[0], ret[1] * 1, 1);
        }
        return v1;
    }
    /**
     * Sets when an open visit will end by itself.
     *
     * # Errors
     * Codes `no-such-visit`, `wrong-time`.
     * @param {string} visit
     * @param {number} departure
     * @param {number} now
     */
    plan_check_out(visit, departure, now) {
        const val2 = +departure;
        const val3 = +now;
        const ptr0 = passStringToWasm0(visit, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
        const len0 = WASM_VECTOR_LEN;
        const ret = wasm.device_plan_check_out(this.__wbg_ptr, ptr0, len0, val2, val3);
        if (ret[1]) {
            throw takeFromExternrefTable0(ret[0]);
        }
    }
    /**
     * Returns the profile by whose rules an owner sets up and answers: that of the page's own
     * authority (`own`), or of the first that is followed. What a server hands out takes the place
     * of what was pinned only where it may, and one that has a place in the log only with the next
     * reading; the device is dropped afterwards. `None` where nobody is known.
     *
     * # Errors
     * Code `refused-log` where `own` is no valid profile, or contradicts a pinned one.
     * @param {Uint8Array | number[] | null} [own]
     * @returns {Uint8Array | undefined}
     */
    profile_for_owner(own) {
        var ptr0 = isLikeNone(own) ? 0 : passArray8ToWasm0(own, wasm.__wbindgen_malloc);
        var len0 = WASM_VECTOR_LEN;
        const ret = wasm.device_profile_for_owner(this.__wbg_ptr, ptr0, len0);
        if (ret[3]) {
            throw takeFromExternrefTable0(ret[2]);
        }
        let v2;
        if (ret[0] !== 0) {
            v2 = getArrayU8FromWasm0(ret[0], ret[1]).slice();
            wasm.__wbindgen_free(ret[0], ret[1] * 1, 1);
        }
        return v2;
    }
    /**
     * Reads a link. `own` is the profile of the page's own authority, where it is known. Returns
     * `Poster`.
     *
     * # Errors
     * Codes `not-a-code`, `private-code`.
     * @param {string} link
     * @param {Uint8Array | number[] | null | undefined} own
     * @param {number} now
     * @returns {string}
     */
    read_poster(link, own, now) {
        let deferred5_0;
        let deferred5_1;
        try {
            const val3 = +now;
            let ptr0, len0, ptr1, len1;
            try {
                ptr0 = passStringToWasm0(link, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
                len0 = WASM_VECTOR_LEN;
                ptr1 = isLikeNone(own) ? 0 : passArray8ToWasm0(own, wasm.__wbindgen_malloc);
                len1 = WASM_VECTOR_LEN;
            } catch (e) {
                if (ptr1) { wasm.__wbindgen_free(ptr1, len1 * 1, 1); }
                if (ptr0) { wasm.__wbindgen_free(ptr0, len0 * 1, 1); }
                throw e;
            }
            const ret = wasm.device_read_poster(this.__wbg_ptr, ptr0, len0, ptr1, len1, val3);
            var ptr4 = ret[0];
            var len4 = ret[1];
            if (ret[3]) {
                ptr4 = 0; len4 = 0;
                throw takeFromExternrefTable0(ret[2]);
            }
            deferred5_0 = ptr4;
            deferred5_1 = len4;
            return getStringFromWasm0(ptr4, len4);
        } finally {
            wasm.__wbindgen_free(deferred5_0, deferred5_1, 1);
        }
    }
    /**
     * Turns the diary on or off. What is in it stays until it is forgotten.
     * @param {boolean} on
     */
    record_diary(on) {
        wasm.device_record_diary(this.__wbg_ptr, on);
    }
    /**
     * Notes that the visitor was reminded to check out.
     *
     * # Errors
     * Code `no-such-visit` for what is no id.
     * @param {string} visit
     */
    reminded(visit) {
        const ptr0 = passStringToWasm0(visit, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
        const len0 = WASM_VECTOR_LEN;
        const ret = wasm.device_reminded(this.__wbg_ptr, ptr0, len0);
        if (ret[1]) {
            throw takeFromExternrefTable0(ret[0]);
        }
    }
    /**
     * Seals the diary; `None` where there is none.
     *
     * # Errors
     * As [`Device::seal_vault`].
     * @param {Key} key
     * @returns {Uint8Array | undefined}
     */
    seal_diary(key) {
        _assertClass(key, Key);
        const ret = wasm.device_seal_diary(this.__wbg_ptr, key.__wbg_ptr);
        if (ret[3]) {
            throw takeFromExternrefTable0(ret[2]);
        }
        let v1;
        if (ret[0] !== 0) {
            v1 = getArrayU8FromWasm0(ret[0], ret[1]).slice();
            wasm.__wbindgen_free(ret[0], ret[1] * 1, 1);
        }
        return v1;
    }
    /**
     * Seals the vault.
     *
     * # Errors
     * None for a vault that was opened or made here.
     * @param {Key} key
     * @returns {Uint8Array}
     */
    seal_vault(key) {
        _assertClass(key, Key);
        const ret = wasm.device_seal_vault(this.__wbg_ptr, key.__wbg_ptr);
        if (ret[3]) {
            throw takeFromExternrefTable0(ret[2]);
        }
        var v1 = getArrayU8FromWasm0(ret[0], ret[1]).slice();
        wasm.__wbindgen_free(ret[0], ret[1] * 1, 1);
        return v1;
    }
    /**
     * Returns the notices of now, for [`Device::announce`].
     * @returns {Shown}
     */
    shown() {
        const ret = wasm.device_shown(this.__wbg_ptr);
        return Shown.__wrap(ret);
    }
    /**
     * Returns all that a screen may show, with notices in the first of `languages` that their
     * authorities have words in.
     *
     * # Errors
     * Code `defect` where an open visit is damaged.
     * @param {string[]} languages
     * @returns {string}
     */
    state(languages) {
        let deferred3_0;
        let deferred3_1;
        try {
            const ptr0 = passArrayJsValueToWasm0(languages, wasm.__wbindgen_malloc);
            const len0 = WASM_VECTOR_LEN;
            const ret = wasm.device_state(this.__wbg_ptr, ptr0, len0);
            var ptr2 = ret[0];
            var len2 = ret[1];
            if (ret[3]) {
                ptr2 = 0; len2 = 0;
                throw takeFromExternrefTable0(ret[2]);
            }
            deferred3_0 = ptr2;
            deferred3_1 = len2;
            return getStringFromWasm0(ptr2, len2);
        } finally {
            wasm.__wbindgen_free(deferred3_0, deferred3_1, 1);
        }
    }
    /**
     * Stops following an authority: its keys and its notices are forgotten.
     *
     * # Errors
     * Code `other-authority` where it is not followed.
     * @param {string} fingerprint
     */
    unfollow(fingerprint) {
        const ptr0 = passStringToWasm0(fingerprint, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
        const len0 = WASM_VECTOR_LEN;
        const ret = wasm.device_unfollow(this.__wbg_ptr, ptr0, len0);
        if (ret[1]) {
            throw takeFromExternrefTable0(ret[0]);
        }
    }
    /**
     * Ends the visits whose time is up, and forgets what is too old: the first thing that is done
     * with an opened device. Returns whether a visit ended, so that its code is forgotten on the
     * disk as well.
     *
     * # Errors
     * Code `clock`.
     * @param {number} now
     * @returns {boolean}
     */
    wake(now) {
        const ret = wasm.device_wake(this.__wbg_ptr, now);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return ret[0] !== 0;
    }
    /**
     * Returns the notices alone, as JSON.
     *
     * # Errors
     * None.
     * @param {string[]} languages
     * @returns {string}
     */
    warned(languages) {
        let deferred3_0;
        let deferred3_1;
        try {
            const ptr0 = passArrayJsValueToWasm0(languages, wasm.__wbindgen_malloc);
            const len0 = WASM_VECTOR_LEN;
            const ret = wasm.device_warned(this.__wbg_ptr, ptr0, len0);
            var ptr2 = ret[0];
            var len2 = ret[1];
            if (ret[3]) {
                ptr2 = 0; len2 = 0;
                throw takeFromExternrefTable0(ret[2]);
            }
            deferred3_0 = ptr2;
            deferred3_1 = len2;
            return getStringFromWasm0(ptr2, len2);
        } finally {
            wasm.__wbindgen_free(deferred3_0, deferred3_1, 1);
        }
    }
}
if (Symbol.dispose) Device.prototype[Symbol.dispose] = Device.prototype.free;

/**
 * A key, held by the worker while the page is open. It is wiped when it is freed.
 */
export class Key {
    static __wrap(ptr) {
        const obj = Object.create(Key.prototype);
        obj.__wbg_ptr = ptr;
        KeyFinalization.register(obj, obj.__wbg_ptr, obj);
        return obj;
    }
    __destroy_into_raw() {
        const ptr = this.__wbg_ptr;
        this.__wbg_ptr = 0;
        KeyFinalization.unregister(this);
        return ptr;
    }
    free() {
        const ptr = this.__destroy_into_raw();
        wasm.__wbg_key_free(ptr, 0);
    }
    /**
     * Makes the key of 32 bytes that were kept.
     *
     * # Errors
     * Code `damaged` for any other length.
     * @param {Uint8Array | number[]} bytes
     * @returns {Key}
     */
    static device(bytes) {
        const ptr0 = passArray8ToWasm0(bytes, wasm.__wbindgen_malloc);
        const len0 = WASM_VECTOR_LEN;
        const ret = wasm.key_device(ptr0, len0);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return Key.__wrap(ret[0]);
    }
    /**
     * Draws the 32 bytes of a device key, for the worker to keep beside the vault.
     * @returns {Uint8Array}
     */
    static draw() {
        const ret = wasm.key_draw();
        var v1 = getArrayU8FromWasm0(ret[0], ret[1]).slice();
        wasm.__wbindgen_free(ret[0], ret[1] * 1, 1);
        return v1;
    }
    /**
     * Returns whether this key was made as the sealed vault asks: another tab may have changed the
     * passphrase.
     *
     * # Errors
     * Code `damaged` for what is no vault.
     * @param {Uint8Array | number[]} sealed
     * @returns {boolean}
     */
    fits(sealed) {
        const ptr0 = passArray8ToWasm0(sealed, wasm.__wbindgen_malloc);
        const len0 = WASM_VECTOR_LEN;
        const ret = wasm.key_fits(this.__wbg_ptr, ptr0, len0);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return ret[0] !== 0;
    }
    /**
     * Returns whether a sealed vault asks for a passphrase.
     *
     * # Errors
     * Code `damaged` for what is no vault.
     * @param {Uint8Array | number[]} sealed
     * @returns {boolean}
     */
    static is_asked_for(sealed) {
        const ptr0 = passArray8ToWasm0(sealed, wasm.__wbindgen_malloc);
        const len0 = WASM_VECTOR_LEN;
        const ret = wasm.key_is_asked_for(ptr0, len0);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return ret[0] !== 0;
    }
    /**
     * Makes a key of a new passphrase. Slow on purpose.
     *
     * # Errors
     * Code `short-passphrase`.
     * @param {string} passphrase
     * @returns {Key}
     */
    static passphrase(passphrase) {
        const ptr0 = passStringToWasm0(passphrase, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
        const len0 = WASM_VECTOR_LEN;
        const ret = wasm.key_passphrase(ptr0, len0);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return Key.__wrap(ret[0]);
    }
    /**
     * Derives the key of a sealed vault, and tries it. Slow on purpose.
     *
     * # Errors
     * Code `wrong-passphrase`; `damaged` for what is no vault with a passphrase.
     * @param {Uint8Array | number[]} sealed
     * @param {string} passphrase
     * @returns {Key}
     */
    static unlock(sealed, passphrase) {
        let ptr0, len0, ptr1, len1;
        try {
            ptr0 = passArray8ToWasm0(sealed, wasm.__wbindgen_malloc);
            len0 = WASM_VECTOR_LEN;
            ptr1 = passStringToWasm0(passphrase, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
            len1 = WASM_VECTOR_LEN;
        } catch (e) {
            if (ptr1) { wasm.__wbindgen_free(ptr1, len1 * 1, 1); }
            if (ptr0) { wasm.__wbindgen_free(ptr0, len0 * 1, 1); }
            throw e;
        }
        const ret = wasm.key_unlock(ptr0, len0, ptr1, len1);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return Key.__wrap(ret[0]);
    }
}
if (Symbol.dispose) Key.prototype[Symbol.dispose] = Key.prototype.free;

/**
 * The keys of a window, made from a private sheet and the codes that were read out. They leave it
 * sealed to the authority, and in no other way. [WEB-9]
 */
export class Parcel {
    __destroy_into_raw() {
        const ptr = this.__wbg_ptr;
        this.__wbg_ptr = 0;
        ParcelFinalization.unregister(this);
        return ptr;
    }
    free() {
        const ptr = this.__destroy_into_raw();
        wasm.__wbg_parcel_free(ptr, 0);
    }
    /**
     * Returns what tells these keys from others that were sealed under the same code.
     * @returns {string}
     */
    content() {
        let deferred1_0;
        let deferred1_1;
        try {
            const ret = wasm.parcel_content(this.__wbg_ptr);
            deferred1_0 = ret[0];
            deferred1_1 = ret[1];
            return getStringFromWasm0(ret[0], ret[1]);
        } finally {
            wasm.__wbindgen_free(deferred1_0, deferred1_1, 1);
        }
    }
    /**
     * Returns what is about to be handed over, as `Handover`.
     *
     * # Errors
     * None.
     * @returns {string}
     */
    handover() {
        let deferred2_0;
        let deferred2_1;
        try {
            const ret = wasm.parcel_handover(this.__wbg_ptr);
            var ptr1 = ret[0];
            var len1 = ret[1];
            if (ret[3]) {
                ptr1 = 0; len1 = 0;
                throw takeFromExternrefTable0(ret[2]);
            }
            deferred2_0 = ptr1;
            deferred2_1 = len1;
            return getStringFromWasm0(ptr1, len1);
        } finally {
            wasm.__wbindgen_free(deferred2_0, deferred2_1, 1);
        }
    }
    /**
     * Returns the name under which the sealed bytes are kept until the server's answer is final.
     * Nobody without the upload code can compare it with a guess.
     * @returns {string}
     */
    name() {
        let deferred1_0;
        let deferred1_1;
        try {
            const ret = wasm.parcel_name(this.__wbg_ptr);
            deferred1_0 = ret[0];
            deferred1_1 = ret[1];
            return getStringFromWasm0(ret[0], ret[1]);
        } finally {
            wasm.__wbindgen_free(deferred1_0, deferred1_1, 1);
        }
    }
    /**
     * Makes the keys. Nothing is sent, and the upload code is not spent.
     *
     * # Errors
     * Codes `not-a-private-code`, `wrong-codes`, `wrong-time` where the window is not over,
     * `not-yet-valid` or `no-longer-valid` where the venue's code was not valid in it.
     * @param {string} trace
     * @param {string} codes
     * @param {Uint8Array | number[]} profile
     * @param {number} now
     */
    constructor(trace, codes, profile, now) {
        const val4 = +now;
        let ptr0, len0, ptr1, len1, ptr2, len2;
        try {
            ptr0 = passStringToWasm0(trace, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
            len0 = WASM_VECTOR_LEN;
            ptr1 = passStringToWasm0(codes, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
            len1 = WASM_VECTOR_LEN;
            ptr2 = passArray8ToWasm0(profile, wasm.__wbindgen_malloc);
            len2 = WASM_VECTOR_LEN;
        } catch (e) {
            if (ptr2) { wasm.__wbindgen_free(ptr2, len2 * 1, 1); }
            if (ptr1) { wasm.__wbindgen_free(ptr1, len1 * 1, 1); }
            if (ptr0) { wasm.__wbindgen_free(ptr0, len0 * 1, 1); }
            throw e;
        }
        const ret = wasm.parcel_new(ptr0, len0, ptr1, len1, ptr2, len2, val4);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        this.__wbg_ptr = ret[0];
        ParcelFinalization.register(this, this.__wbg_ptr, this);
        return this;
    }
    /**
     * Seals the keys. Each sealing is another: the worker keeps the bytes before it sends them, and
     * sends the same again where no answer came. [VEN-3] [VEN-7]
     *
     * # Errors
     * None for keys that were made here.
     * @returns {Uint8Array}
     */
    seal() {
        const ret = wasm.parcel_seal(this.__wbg_ptr);
        if (ret[3]) {
            throw takeFromExternrefTable0(ret[2]);
        }
        var v1 = getArrayU8FromWasm0(ret[0], ret[1]).slice();
        wasm.__wbindgen_free(ret[0], ret[1] * 1, 1);
        return v1;
    }
    /**
     * Returns the ticket that admits the upload, for the header. The server learns no more of the
     * code. [VEN-4]
     * @returns {string}
     */
    ticket() {
        let deferred1_0;
        let deferred1_1;
        try {
            const ret = wasm.parcel_ticket(this.__wbg_ptr);
            deferred1_0 = ret[0];
            deferred1_1 = ret[1];
            return getStringFromWasm0(ret[0], ret[1]);
        } finally {
            wasm.__wbindgen_free(deferred1_0, deferred1_1, 1);
        }
    }
}
if (Symbol.dispose) Parcel.prototype[Symbol.dispose] = Parcel.prototype.free;

/**
 * One reading of a log.
 *
 * The worker reads each log twice: first [`Round::download`], for all authorities, which tries
 * nothing, so that nobody sees how long the trying takes; then, without a request, [`Round::matching`]
 * with what it has kept, whose end goes into the vault ([`Round::finish`]). [MAT-11] [WEB-3]
 */
export class Round {
    static __wrap(ptr) {
        const obj = Object.create(Round.prototype);
        obj.__wbg_ptr = ptr;
        RoundFinalization.register(obj, obj.__wbg_ptr, obj);
        return obj;
    }
    __destroy_into_raw() {
        const ptr = this.__wbg_ptr;
        this.__wbg_ptr = 0;
        RoundFinalization.unregister(this);
        return ptr;
    }
    free() {
        const ptr = this.__destroy_into_raw();
        wasm.__wbg_round_free(ptr, 0);
    }
    /**
     * Returns the head that was reached, to keep for [`Round::remember`].
     * @returns {Uint8Array | undefined}
     */
    checkpoint() {
        const ret = wasm.round_checkpoint(this.__wbg_ptr);
        let v1;
        if (ret[0] !== 0) {
            v1 = getArrayU8FromWasm0(ret[0], ret[1]).slice();
            wasm.__wbindgen_free(ret[0], ret[1] * 1, 1);
        }
        return v1;
    }
    /**
     * Begins the downloading of a followed authority's log.
     *
     * # Errors
     * Codes `other-authority`, `clock`.
     * @param {Device} device
     * @param {string} fingerprint
     * @param {number} now
     * @returns {Round}
     */
    static download(device, fingerprint, now) {
        _assertClass(device, Device);
        const val2 = +now;
        const ptr0 = passStringToWasm0(fingerprint, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
        const len0 = WASM_VECTOR_LEN;
        const ret = wasm.round_download(device.__wbg_ptr, ptr0, len0, val2);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return Round.__wrap(ret[0]);
    }
    /**
     * Returns the heads that contradict each other, where this is why the log is refused, as
     * `Evidence`.
     *
     * # Errors
     * None.
     * @returns {string | undefined}
     */
    evidence() {
        const ret = wasm.round_evidence(this.__wbg_ptr);
        if (ret[3]) {
            throw takeFromExternrefTable0(ret[2]);
        }
        let v1;
        if (ret[0] !== 0) {
            v1 = getStringFromWasm0(ret[0], ret[1]);
            wasm.__wbindgen_free(ret[0], ret[1] * 1, 1);
        }
        return v1;
    }
    /**
     * Puts what was found into the device, and pins the profile that came. Returns why entries from
     * before could not be tried on newer records, if that is so.
     *
     * # Errors
     * Code `other-authority` where the authority is followed no more; `overtaken` in the detail where
     * another reading came first: then read again.
     * @param {Device} device
     * @returns {string | undefined}
     */
    finish(device) {
        _assertClass(device, Device);
        const ptr = this.__destroy_into_raw();
        const ret = wasm.round_finish(ptr, device.__wbg_ptr);
        if (ret[3]) {
            throw takeFromExternrefTable0(ret[2]);
        }
        let v1;
        if (ret[0] !== 0) {
            v1 = getStringFromWasm0(ret[0], ret[1]);
            wasm.__wbindgen_free(ret[0], ret[1] * 1, 1);
        }
        return v1;
    }
    /**
     * Takes a file: one that was kept, or what the server answered, with the time on the server's
     * clock if it said it; `None` where there is no such file.
     *
     * # Errors
     * Codes `refused-log`, `offline`; `clock` where the server's clock shows that this device's is
     * wrong.
     * @param {string} path
     * @param {Uint8Array | number[] | null | undefined} bytes
     * @param {boolean} is_kept
     * @param {number | null} [server_time]
     */
    give(path, bytes, is_kept, server_time) {
        const val3 = +is_kept;
        const val4 = +(isLikeNone(server_time) ? 0 : server_time);
        let ptr0, len0, ptr1, len1;
        try {
            ptr0 = passStringToWasm0(path, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
            len0 = WASM_VECTOR_LEN;
            ptr1 = isLikeNone(bytes) ? 0 : passArray8ToWasm0(bytes, wasm.__wbindgen_malloc);
            len1 = WASM_VECTOR_LEN;
        } catch (e) {
            if (ptr1) { wasm.__wbindgen_free(ptr1, len1 * 1, 1); }
            if (ptr0) { wasm.__wbindgen_free(ptr0, len0 * 1, 1); }
            throw e;
        }
        const ret = wasm.round_give(this.__wbg_ptr, ptr0, len0, ptr1, len1, val3, !isLikeNone(server_time), val4);
        if (ret[1]) {
            throw takeFromExternrefTable0(ret[0]);
        }
    }
    /**
     * Returns whether everything has come and was tried.
     * @returns {boolean}
     */
    is_complete() {
        const ret = wasm.round_is_complete(this.__wbg_ptr);
        return ret !== 0;
    }
    /**
     * Returns whether the vault has read further than a checkpoint that was downloaded.
     * @param {Uint8Array | number[]} note
     * @returns {boolean}
     */
    is_past(note) {
        const ptr0 = passArray8ToWasm0(note, wasm.__wbindgen_malloc);
        const len0 = WASM_VECTOR_LEN;
        const ret = wasm.round_is_past(this.__wbg_ptr, ptr0, len0);
        return ret !== 0;
    }
    /**
     * Begins the trying of what was downloaded on the records of the device.
     *
     * # Errors
     * Codes `other-authority`, `clock`.
     * @param {Device} device
     * @param {string} fingerprint
     * @param {number} now
     * @returns {Round}
     */
    static matching(device, fingerprint, now) {
        _assertClass(device, Device);
        const val2 = +now;
        const ptr0 = passStringToWasm0(fingerprint, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
        const len0 = WASM_VECTOR_LEN;
        const ret = wasm.round_matching(device.__wbg_ptr, ptr0, len0, val2);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return Round.__wrap(ret[0]);
    }
    /**
     * Returns the index of the first file of entries that has to be kept.
     * @returns {number}
     */
    needed_from() {
        const ret = wasm.round_needed_from(this.__wbg_ptr);
        return ret >>> 0;
    }
    /**
     * Returns how far the reading is, as `Progress`.
     *
     * # Errors
     * None.
     * @returns {string}
     */
    progress() {
        let deferred2_0;
        let deferred2_1;
        try {
            const ret = wasm.round_progress(this.__wbg_ptr);
            var ptr1 = ret[0];
            var len1 = ret[1];
            if (ret[3]) {
                ptr1 = 0; len1 = 0;
                throw takeFromExternrefTable0(ret[2]);
            }
            deferred2_0 = ptr1;
            deferred2_1 = len1;
            return getStringFromWasm0(ptr1, len1);
        } finally {
            wasm.__wbindgen_free(deferred2_0, deferred2_1, 1);
        }
    }
    /**
     * Tells which checkpoint was accepted last, where it was kept.
     * @param {Uint8Array | number[]} note
     */
    remember(note) {
        const ptr0 = passArray8ToWasm0(note, wasm.__wbindgen_malloc);
        const len0 = WASM_VECTOR_LEN;
        wasm.round_remember(this.__wbg_ptr, ptr0, len0);
    }
    /**
     * Tells which entries are kept: index and width of each file, one after the other. Returns whether
     * all are there that were read before, which are then opened only for a visit that needs them.
     * @param {Uint32Array | number[]} places
     * @returns {boolean}
     */
    remember_kept(places) {
        const ptr0 = passArray32ToWasm0(places, wasm.__wbindgen_malloc);
        const len0 = WASM_VECTOR_LEN;
        const ret = wasm.round_remember_kept(this.__wbg_ptr, ptr0, len0);
        return ret !== 0;
    }
    /**
     * Returns the files that are wanted now, as JSON.
     *
     * # Errors
     * None.
     * @returns {string}
     */
    wants() {
        let deferred2_0;
        let deferred2_1;
        try {
            const ret = wasm.round_wants(this.__wbg_ptr);
            var ptr1 = ret[0];
            var len1 = ret[1];
            if (ret[3]) {
                ptr1 = 0; len1 = 0;
                throw takeFromExternrefTable0(ret[2]);
            }
            deferred2_0 = ptr1;
            deferred2_1 = len1;
            return getStringFromWasm0(ptr1, len1);
        } finally {
            wasm.__wbindgen_free(deferred2_0, deferred2_1, 1);
        }
    }
    /**
     * Tries some entries on the records. Returns whether it did, or there were none to try.
     * @returns {boolean}
     */
    work() {
        const ret = wasm.round_work(this.__wbg_ptr);
        return ret !== 0;
    }
}
if (Symbol.dispose) Round.prototype[Symbol.dispose] = Round.prototype.free;

/**
 * The notices as they were when a screen got them. Only what somebody saw counts as told: a notice
 * that a look in another tab has changed meanwhile is news still.
 */
export class Shown {
    static __wrap(ptr) {
        const obj = Object.create(Shown.prototype);
        obj.__wbg_ptr = ptr;
        ShownFinalization.register(obj, obj.__wbg_ptr, obj);
        return obj;
    }
    __destroy_into_raw() {
        const ptr = this.__wbg_ptr;
        this.__wbg_ptr = 0;
        ShownFinalization.unregister(this);
        return ptr;
    }
    free() {
        const ptr = this.__destroy_into_raw();
        wasm.__wbg_shown_free(ptr, 0);
    }
}
if (Symbol.dispose) Shown.prototype[Symbol.dispose] = Shown.prototype.free;

/**
 * Returns whose private sheet a text is, as `VenueText`: for whoever has several. [WEB-14]
 *
 * # Errors
 * Code `not-a-private-code`.
 * @param {string} trace
 * @returns {string}
 */
export function read_sheet(trace) {
    let deferred3_0;
    let deferred3_1;
    try {
        const ptr0 = passStringToWasm0(trace, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
        const len0 = WASM_VECTOR_LEN;
        const ret = wasm.read_sheet(ptr0, len0);
        var ptr2 = ret[0];
        var len2 = ret[1];
        if (ret[3]) {
            ptr2 = 0; len2 = 0;
            throw takeFromExternrefTable0(ret[2]);
        }
        deferred3_0 = ptr2;
        deferred3_1 = len2;
        return getStringFromWasm0(ptr2, len2);
    } finally {
        wasm.__wbindgen_free(deferred3_0, deferred3_1, 1);
    }
}

/**
 * Returns who signed a profile, as `Authority`. Nothing about it is trusted yet.
 *
 * # Errors
 * Code `refused-log` for what is no valid profile.
 * @param {Uint8Array | number[]} profile
 * @returns {string}
 */
export function see_authority(profile) {
    let deferred3_0;
    let deferred3_1;
    try {
        const ptr0 = passArray8ToWasm0(profile, wasm.__wbindgen_malloc);
        const len0 = WASM_VECTOR_LEN;
        const ret = wasm.see_authority(ptr0, len0);
        var ptr2 = ret[0];
        var len2 = ret[1];
        if (ret[3]) {
            ptr2 = 0; len2 = 0;
            throw takeFromExternrefTable0(ret[2]);
        }
        deferred3_0 = ptr2;
        deferred3_1 = len2;
        return getStringFromWasm0(ptr2, len2);
    } finally {
        wasm.__wbindgen_free(deferred3_0, deferred3_1, 1);
    }
}

/**
 * Returns whom [`Device::pinned`] follows, as `Authority`.
 *
 * # Errors
 * Code `refused-log` for bytes that were not kept so.
 * @param {Uint8Array | number[]} pin
 * @returns {string}
 */
export function see_kept(pin) {
    let deferred3_0;
    let deferred3_1;
    try {
        const ptr0 = passArray8ToWasm0(pin, wasm.__wbindgen_malloc);
        const len0 = WASM_VECTOR_LEN;
        const ret = wasm.see_kept(ptr0, len0);
        var ptr2 = ret[0];
        var len2 = ret[1];
        if (ret[3]) {
            ptr2 = 0; len2 = 0;
            throw takeFromExternrefTable0(ret[2]);
        }
        deferred3_0 = ptr2;
        deferred3_1 = len2;
        return getStringFromWasm0(ptr2, len2);
    } finally {
        wasm.__wbindgen_free(deferred3_0, deferred3_1, 1);
    }
}

/**
 * Makes the codes of a venue for the authority of a profile, whose number stands on papers in these
 * languages. Returns `NewVenue`, which holds the secret trace code: the page shows it, prints it, and
 * keeps it nowhere. [VEN-1] [WEB-9]
 *
 * # Errors
 * Code `bad-form`.
 * @param {string} form
 * @param {Uint8Array | number[]} profile
 * @param {string[]} languages
 * @param {number} now
 * @returns {string}
 */
export function set_up_venue(form, profile, languages, now) {
    let deferred6_0;
    let deferred6_1;
    try {
        const val4 = +now;
        let ptr0, len0, ptr1, len1, ptr2, len2;
        try {
            ptr0 = passStringToWasm0(form, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
            len0 = WASM_VECTOR_LEN;
            ptr1 = passArray8ToWasm0(profile, wasm.__wbindgen_malloc);
            len1 = WASM_VECTOR_LEN;
            ptr2 = passArrayJsValueToWasm0(languages, wasm.__wbindgen_malloc);
            len2 = WASM_VECTOR_LEN;
        } catch (e) {
            if (ptr2) { wasm.__externref_drop_slice(ptr2, len2); wasm.__wbindgen_free(ptr2, len2 * 4, 4); }
            if (ptr1) { wasm.__wbindgen_free(ptr1, len1 * 1, 1); }
            if (ptr0) { wasm.__wbindgen_free(ptr0, len0 * 1, 1); }
            throw e;
        }
        const ret = wasm.set_up_venue(ptr0, len0, ptr1, len1, ptr2, len2, val4);
        var ptr5 = ret[0];
        var len5 = ret[1];
        if (ret[3]) {
            ptr5 = 0; len5 = 0;
            throw takeFromExternrefTable0(ret[2]);
        }
        deferred6_0 = ptr5;
        deferred6_1 = len5;
        return getStringFromWasm0(ptr5, len5);
    } finally {
        wasm.__wbindgen_free(deferred6_0, deferred6_1, 1);
    }
}
function __wbg_get_imports() {
    const import0 = {
        __proto__: null,
        __wbg___wbindgen_string_get_7ce8eee7fd327545: function(arg0, arg1) {
            const obj = arg1;
            const ret = typeof(obj) === 'string' ? obj : undefined;
            var ptr1 = isLikeNone(ret) ? 0 : passStringToWasm0(ret, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
            var len1 = WASM_VECTOR_LEN;
            getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 1, len1, true);
            getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 0, ptr1, true);
        },
        __wbg___wbindgen_throw_4c88d8bf264fd984: function(arg0, arg1) {
            throw new Error(getStringFromWasm0(arg0, arg1));
        },
        __wbg_getRandomValues_8b6f1f663e6f188d: function() { return handleError(function (arg0, arg1) {
            globalThis.crypto.getRandomValues(getArrayU8FromWasm0(arg0, arg1));
        }, arguments); },
        __wbg_normalize_2d352f86793b4b5f: function(arg0, arg1, arg2) {
            const ret = arg0.normalize(getStringFromWasm0(arg1, arg2));
            return ret;
        },
        __wbindgen_generic_0000000000000001: function(arg0, arg1) {
            // Cast intrinsic for `Ref(String) -> Externref`.
            const ret = getStringFromWasm0(arg0, arg1);
            return ret;
        },
        __wbindgen_init_externref_table: function() {
            const table = wasm.__wbindgen_externrefs;
            table.set(0, undefined);
            table.set(1024, undefined);
            table.set(1025, null);
            table.set(1026, true);
            table.set(1027, false);
        },
    };
    return {
        __proto__: null,
        "./noren_wasm_bg.js": import0,
    };
}

const DeviceFinalization = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(ptr => wasm.__wbg_device_free(ptr, 1));
const KeyFinalization = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(ptr => wasm.__wbg_key_free(ptr, 1));
const ParcelFinalization = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(ptr => wasm.__wbg_parcel_free(ptr, 1));
const RoundFinalization = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(ptr => wasm.__wbg_round_free(ptr, 1));
const ShownFinalization = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(ptr => wasm.__wbg_shown_free(ptr, 1));

function addToExternrefTable0(obj) {
    const idx = wasm.__externref_table_alloc();
    wasm.__wbindgen_externrefs.set(idx, obj);
    return idx;
}

function _assertClass(instance, klass) {
    if (!(instance instanceof klass)) {
        throw new Error(`expected instance of ${klass.name}`);
    }
}

function getArrayU8FromWasm0(ptr, len) {
    ptr = ptr >>> 0;
    return getUint8ArrayMemory0().subarray(ptr / 1, ptr / 1 + len);
}

let cachedDataViewMemory0 = null;
function getDataViewMemory0() {
    if (cachedDataViewMemory0 === null || cachedDataViewMemory0.buffer.detached === true || (cachedDataViewMemory0.buffer.detached === undefined && cachedDataViewMemory0.buffer !== wasm.memory.buffer)) {
        cachedDataViewMemory0 = new DataView(wasm.memory.buffer);
    }
    return cachedDataViewMemory0;
}

function getStringFromWasm0(ptr, len) {
    ptr = ptr >>> 0;
    return decodeText(getUint8ArrayMemory0().subarray(ptr, ptr + len));
}

let cachedUint32ArrayMemory0 = null;
function getUint32ArrayMemory0() {
    if (cachedUint32ArrayMemory0 === null || cachedUint32ArrayMemory0.byteLength === 0) {
        cachedUint32ArrayMemory0 = new Uint32Array(wasm.memory.buffer);
    }
    return cachedUint32ArrayMemory0;
}

let cachedUint8ArrayMemory0 = null;
function getUint8ArrayMemory0() {
    if (cachedUint8ArrayMemory0 === null || cachedUint8ArrayMemory0.byteLength === 0) {
        cachedUint8ArrayMemory0 = new Uint8Array(wasm.memory.buffer);
    }
    return cachedUint8ArrayMemory0;
}

function handleError(f, args) {
    try {
        return f.apply(this, args);
    } catch (e) {
        const idx = addToExternrefTable0(e);
        wasm.__wbindgen_exn_store(idx);
    }
}

function isLikeNone(x) {
    return x === undefined || x === null;
}

function passArray32ToWasm0(arg, malloc) {
    const ptr = malloc(arg.length * 4, 4) >>> 0;
    getUint32ArrayMemory0().set(arg, ptr / 4);
    WASM_VECTOR_LEN = arg.length;
    return ptr;
}

function passArray8ToWasm0(arg, malloc) {
    const ptr = malloc(arg.length * 1, 1) >>> 0;
    getUint8ArrayMemory0().set(arg, ptr / 1);
    WASM_VECTOR_LEN = arg.length;
    return ptr;
}

function passArrayJsValueToWasm0(array, malloc) {
    const ptr = malloc(array.length * 4, 4) >>> 0;
    for (let i = 0; i < array.length; i++) {
        const add = addToExternrefTable0(array[i]);
        getDataViewMemory0().setUint32(ptr + 4 * i, add, true);
    }
    WASM_VECTOR_LEN = array.length;
    return ptr;
}

function passStringToWasm0(arg, malloc, realloc) {
    if (realloc === undefined) {
        const buf = cachedTextEncoder.encode(arg);
        const ptr = malloc(buf.length, 1) >>> 0;
        getUint8ArrayMemory0().subarray(ptr, ptr + buf.length).set(buf);
        WASM_VECTOR_LEN = buf.length;
        return ptr;
    }

    let len = arg.length;
    let ptr = malloc(len, 1) >>> 0;

    const mem = getUint8ArrayMemory0();

    let offset = 0;

    for (; offset < len; offset++) {
        const code = arg.charCodeAt(offset);
        if (code > 0x7F) break;
        mem[ptr + offset] = code;
    }
    if (offset !== len) {
        if (offset !== 0) {
            arg = arg.slice(offset);
        }
        ptr = realloc(ptr, len, len = offset + arg.length * 3, 1) >>> 0;
        const view = getUint8ArrayMemory0().subarray(ptr + offset, ptr + len);
        const ret = cachedTextEncoder.encodeInto(arg, view);

        offset += ret.written;
        ptr = realloc(ptr, len, offset, 1) >>> 0;
    }

    WASM_VECTOR_LEN = offset;
    return ptr;
}

function takeFromExternrefTable0(idx) {
    const value = wasm.__wbindgen_externrefs.get(idx);
    wasm.__externref_table_dealloc(idx);
    return value;
}

let cachedTextDecoder = new TextDecoder('utf-8', { ignoreBOM: true });
cachedTextDecoder.decode();
const MAX_SAFARI_DECODE_BYTES = 2146435072;
let numBytesDecoded = 0;
function decodeText(bytes) {
    numBytesDecoded += bytes.length;
    if (numBytesDecoded >= MAX_SAFARI_DECODE_BYTES) {
        cachedTextDecoder = new TextDecoder('utf-8', { ignoreBOM: true });
        cachedTextDecoder.decode();
        numBytesDecoded = bytes.length;
    }
    return cachedTextDecoder.decode(bytes);
}

const cachedTextEncoder = new TextEncoder();

if (!('encodeInto' in cachedTextEncoder)) {
    cachedTextEncoder.encodeInto = function (arg, view) {
        const buf = cachedTextEncoder.encode(arg);
        view.set(buf);
        return {
            read: arg.length,
            written: buf.length
        };
    };
}

let WASM_VECTOR_LEN = 0;

let wasmModule, wasmInstance, wasm;
function __wbg_finalize_init(instance, module) {
    wasmInstance = instance;
    wasm = instance.exports;
    wasmModule = module;
    cachedDataViewMemory0 = null;
    cachedUint32ArrayMemory0 = null;
    cachedUint8ArrayMemory0 = null;
    wasm.__wbindgen_start();
    return wasm;
}

async function __wbg_load(module, imports) {
    if (typeof Response === 'function' && module instanceof Response) {
        if (!module.ok) {
            throw new Error(`failed to fetch Wasm: ${module.status} ${module.statusText} fetching '${module.url}'`);
        }

        if (typeof WebAssembly.instantiateStreaming === 'function') {
            try {
                return await WebAssembly.instantiateStreaming(module, imports);
            } catch (e) {
                const validResponse = expectedResponseType(module.type);

                if (validResponse && module.headers.get('Content-Type') !== 'application/wasm') {
                    console.warn("`WebAssembly.instantiateStreaming` failed because your server does not serve Wasm with `application/wasm` MIME type. Falling back to `WebAssembly.instantiate` which is slower. Original error:\n", e);

                } else { throw e; }
            }
        }

        const bytes = await module.arrayBuffer();
        return await WebAssembly.instantiate(bytes, imports);
    } else {
        const instance = await WebAssembly.instantiate(module, imports);

        if (instance instanceof WebAssembly.Instance) {
            return { instance, module };
        } else {
            return instance;
        }
    }

    function expectedResponseType(type) {
        switch (type) {
            case 'basic': case 'cors': case 'default': return true;
        }
        return false;
    }
}

function initSync(module) {
    if (wasm !== undefined) return wasm;


    if (module !== undefined) {
        if (Object.getPrototypeOf(module) === Object.prototype) {
            ({module} = module)
        } else {
            console.warn('using deprecated parameters for `initSync()`; pass a single object instead')
        }
    }

    const imports = __wbg_get_imports();
    if (!(module instanceof WebAssembly.Module)) {
        module = new WebAssembly.Module(module);
    }
    const instance = new WebAssembly.Instance(module, imports);
    return __wbg_finalize_init(instance, module);
}

let __wbg_init_promise;
async function __wbg_init(module_or_path) {
    if (wasm !== undefined) return wasm;
    if (__wbg_init_promise === undefined) {
        __wbg_init_promise = __wbg_init_once(module_or_path);
        __wbg_init_promise.catch(() => { __wbg_init_promise = undefined; });
    }
    return __wbg_init_promise;
}

async function __wbg_init_once(module_or_path) {

    if (module_or_path !== undefined) {
        if (Object.getPrototypeOf(module_or_path) === Object.prototype) {
            ({module_or_path} = module_or_path)
        } else {
            console.warn('using deprecated parameters for the initialization function; pass a single object instead')
        }
    }

    if (module_or_path === undefined) {
        module_or_path = new URL('noren_wasm_bg.wasm', import.meta.url);
    }
    const imports = __wbg_get_imports();

    if (typeof module_or_path === 'string' || (typeof Request === 'function' && module_or_path instanceof Request) || (typeof URL === 'function' && module_or_path instanceof URL)) {
        module_or_path = fetch(module_or_path);
    }

    const { instance, module } = await __wbg_load(await module_or_path, imports);

    return __wbg_finalize_init(instance, module);
}

export { initSync, __wbg_init as default };
