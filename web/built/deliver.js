import { Refused } from "./failures.js";
import { ALIKE, fieldOf } from "./fetching.js";
import { alone } from "./tabs.js";
import { now } from "./vault.js";
const PAUSES = [0, 1_000, 4_000];
const LONGEST = 60_000;
const LONGEST_LIFE = 32 * 86_400;
const CODE_REFUSED = "urn:noren:problem:upload-code-refused";
export function deliver(parcel, url, store) {
    return alone("noren-change", async () => {
        await store.forgetSentBefore(now() - LONGEST_LIFE);
        const [name, content] = [parcel.name(), parcel.content()];
        const before = await store.sent(name);
        let body = before?.content === content ? before.body : null;
        if (body === null) {
            body = parcel.seal();
            await store.keepSent(name, { content, body, made: now() });
        }
        const response = await send(`${url}/v1/uploads`, parcel.ticket(), body);
        if (response.status === 202 && (await fieldOf(response, "status")) === "received") {
            await store.forgetSent(name);
            return;
        }
        if (response.status === 403 && (await fieldOf(response, "type")) === CODE_REFUSED) {
            await store.forgetSent(name);
            throw new Refused("used-codes", "the upload code was refused: mistyped, used before, or expired");
        }
        throw new Refused("offline", `the server answered ${response.status}: nothing is known to be received`);
    });
}
async function send(address, ticket, body) {
    const headers = { "content-type": "application/octet-stream", "upload-ticket": ticket, "x-chaff": "0" };
    let last = null;
    for (const pause of PAUSES) {
        await new Promise((resolve) => setTimeout(resolve, pause));
        try {
            const signal = AbortSignal.timeout(LONGEST);
            const response = await fetch(address, { ...ALIKE, method: "POST", headers, body, signal });
            if (response.status < 500) {
                return response;
            }
            last = `it answered ${response.status}`;
        }
        catch (error) {
            last = error;
        }
    }
    throw new Refused("offline", `nothing is known to be received: ${String(last)}`);
}
