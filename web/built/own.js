import { Refused } from "./failures.js";
import { download, textOf } from "./fetching.js";
import { see_authority } from "./noren_wasm.js";
import { authority } from "./vault.js";
const MAX_PROFILE = 65_536;
const MAX_ADDRESS = 1_000;
export class Own {
    profile = null;
    address;
    constructor(page) {
        this.address = new URL(".", page).href.replace(/\/$/, "");
    }
    async fetch() {
        let answer = await download(`${this.address}/v1/authority`, MAX_PROFILE);
        let fingerprint = "";
        if (answer.bytes === null) {
            const file = await download(`${this.address}/authority.txt`, MAX_ADDRESS);
            const [first, second] = file.bytes === null ? [] : textOf(file.bytes).trim().split("\n");
            const there = addressIn(first ?? "");
            fingerprint = plain(second ?? "");
            if (there === null) {
                return;
            }
            this.address = there;
            answer = await download(`${this.address}/v1/authority`, MAX_PROFILE);
        }
        if (answer.bytes !== null) {
            const found = JSON.parse(see_authority(answer.bytes)).fingerprint;
            if (fingerprint !== "" && plain(found) !== fingerprint) {
                throw new Refused("wrong-fingerprint", `authority.txt names the fingerprint ${fingerprint}, and not ${found}`);
            }
            this.profile = answer.bytes;
        }
    }
    seen(looked = []) {
        return this.profile === null ? null : authority(JSON.parse(see_authority(this.profile)), looked);
    }
}
function plain(fingerprint) {
    return fingerprint.replaceAll(/[\s-]/g, "").toLowerCase();
}
function addressIn(text) {
    const address = text.trim();
    return URL.canParse(address) && /^https?:/.test(address) ? address.replace(/\/$/, "") : null;
}
