import { Refused, failureOf } from "./failures.js";
import { LogFiles } from "./log-files.js";
import { Round } from "./noren_wasm.js";
import { authoritiesOf } from "./rounds.js";
import { now } from "./vault.js";
export async function checkSlip(keeper, slip, tell) {
    const lookedAt = Math.floor(now());
    await keeper.own.fetch().catch((error) => {
        if (failureOf(error).code !== "offline") {
            throw error;
        }
    });
    const device = await deviceFor(keeper, slip);
    try {
        const read = [];
        for (const authority of authoritiesOf(device)) {
            const files = new LogFiles(authority.url, authority.origin, null);
            if (keeper.own.profile !== null && keeper.own.address === authority.url) {
                files.has("v1/authority", keeper.own.profile);
            }
            await through(Round.download(device, authority.fingerprint, now()), (round) => files.download(round, tell));
            read.push({ authority, files });
        }
        for (const { authority, files } of read) {
            await match(Round.matching(device, authority.fingerprint, now()), files, device);
        }
        return { warned: JSON.parse(device.warned(keeper.languages)), lookedAt };
    }
    finally {
        device.free();
    }
}
async function deviceFor(keeper, { link, from, to }) {
    const bare = await keeper.bare();
    try {
        if (keeper.own.profile !== null) {
            bare.follow(keeper.own.profile, null);
        }
        return bare.for_slip(link, from, to, now());
    }
    finally {
        bare.free();
    }
}
async function match(round, files, device) {
    try {
        await files.match(round);
    }
    catch (error) {
        round.free();
        throw error;
    }
    const untried = round.finish(device);
    if (untried !== undefined) {
        const { code, detail } = JSON.parse(untried);
        throw new Refused(code, detail);
    }
}
async function through(round, act) {
    try {
        await act(round);
    }
    finally {
        round.free();
    }
}
