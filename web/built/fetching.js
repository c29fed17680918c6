import { Refused } from "./failures.js";
const LONGEST = 60_000;
const DAMAGED = "urn:noren:problem:damaged-file";
export const ALIKE = {
    cache: "no-store",
    credentials: "omit",
    referrerPolicy: "no-referrer",
    redirect: "error",
};
export async function download(address, most) {
    try {
        const response = await fetch(address, { ...ALIKE, signal: AbortSignal.timeout(LONGEST) });
        const date = Date.parse(response.headers.get("date") ?? "");
        const serverTime = Number.isNaN(date) ? null : date / 1000;
        if (response.status === 200) {
            return { bytes: await bodyOf(response, most), serverTime };
        }
        if (response.status === 404 || response.status === 410 || (await isDamaged(response))) {
            return { bytes: null, serverTime };
        }
        throw new Refused("offline", `${address} answered ${response.status}`);
    }
    catch (error) {
        if (error instanceof Refused) {
            throw error;
        }
        throw new Refused("offline", `${address} cannot be reached: ${String(error)}`);
    }
}
export function textOf(bytes) {
    return new TextDecoder().decode(bytes);
}
export async function fieldOf(response, name) {
    try {
        const said = JSON.parse(textOf(await bodyOf(response, 16_384)))[name];
        return typeof said === "string" ? said : null;
    }
    catch {
        return null;
    }
}
async function isDamaged(response) {
    return response.status === 500 || (response.status === 503 && (await fieldOf(response, "type")) === DAMAGED);
}
async function bodyOf(response, most) {
    const reader = response.body?.getReader();
    const parts = [];
    let length = 0;
    for (;;) {
        const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
        if (done || value === undefined) {
            break;
        }
        length += value.length;
        if (length > most) {
            await reader?.cancel();
            throw new Refused("refused-log", `an answer is longer than the ${most} bytes that it may have`);
        }
        parts.push(value);
    }
    const bytes = new Uint8Array(length);
    let place = 0;
    for (const part of parts) {
        bytes.set(part, place);
        place += part.length;
    }
    return bytes;
}
