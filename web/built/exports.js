import { Refused } from "./failures.js";
export function exported(kept) {
    const file = {
        noren: "device",
        version: 1,
        vault: written(kept.vault),
        diary: kept.diary === null ? null : written(kept.diary),
        key: kept.key === null ? null : written(kept.key),
        profiles: kept.profiles.map(written),
    };
    return new TextEncoder().encode(JSON.stringify(file));
}
export function imported(bytes) {
    try {
        const file = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
        if (file.noren !== "device" || file.version !== 1 || !Array.isArray(file.profiles)) {
            throw new TypeError("another sort of file");
        }
        return {
            vault: read(file.vault),
            diary: file.diary === null ? null : read(file.diary),
            key: file.key === null ? null : read(file.key),
            profiles: file.profiles.map(read),
            looked: [],
            wantsOwn: file.profiles.length === 0,
        };
    }
    catch {
        throw new Refused("not-an-export", "this is no file that the page has exported");
    }
}
const PIECE = 8_192;
function written(bytes) {
    let text = "";
    for (let place = 0; place < bytes.length; place += PIECE) {
        text += String.fromCharCode(...bytes.subarray(place, place + PIECE));
    }
    return btoa(text);
}
function read(text) {
    return Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
}
