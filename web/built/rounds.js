import { failureOf } from "./failures.js";
import { LogFiles } from "./log-files.js";
import { Round } from "./noren_wasm.js";
import { alone } from "./tabs.js";
import { now } from "./vault.js";
const ATTEMPTS = 5;
export function look(keeper, tell) {
    return alone("noren-look", async () => {
        await keeper.own.fetch().catch(() => { });
        if ((await keeper.store.read()) === null) {
            await keeper.refresh();
            return;
        }
        await keeper.change(({ device, kept }) => {
            if (kept.wantsOwn && keeper.own.profile !== null) {
                device.follow(keeper.own.profile, null);
                kept.wantsOwn = false;
            }
        });
        const downloaded = [];
        for (const authority of await followedBy(keeper)) {
            await noting(keeper, authority, async () => {
                downloaded.push(await download(keeper, authority, tell));
            });
        }
        downloaded.sort((one, other) => one.newEntries - other.newEntries);
        for (const each of downloaded) {
            await noting(keeper, each.authority, () => match(keeper, each, tell));
        }
    });
}
export function authoritiesOf(device) {
    return JSON.parse(device.state([])).authorities;
}
async function followedBy(keeper) {
    const device = await keeper.bare();
    try {
        return authoritiesOf(device);
    }
    finally {
        device.free();
    }
}
async function download(keeper, authority, tell) {
    const files = new LogFiles(authority.url, authority.origin, keeper.store);
    if (keeper.own.profile !== null && keeper.own.address === authority.url) {
        files.has("v1/authority", keeper.own.profile);
    }
    const round = await begin(keeper, authority, Round.download);
    try {
        await files.download(round, tell);
        return { authority, files, newEntries: JSON.parse(round.progress()).newEntries };
    }
    catch (error) {
        if (failureOf(error).code === "refused-log") {
            await files.discard();
        }
        await keepEvidence(keeper, round);
        throw error;
    }
    finally {
        round.free();
    }
}
async function match(keeper, first, tell) {
    let { authority, files } = first;
    for (let attempt = 1;; attempt += 1) {
        const round = await begin(keeper, authority, Round.matching);
        const wasPassedOver = files.isPassedOver;
        try {
            await files.match(round);
        }
        catch (error) {
            await keepEvidence(keeper, round);
            round.free();
            throw error;
        }
        try {
            const untried = await keeper.change(({ device, kept }) => {
                const failed = round.finish(device);
                const problem = failed === undefined ? null : JSON.parse(failed);
                note(kept, authority.origin, problem);
                return problem;
            });
            if (untried === null) {
                await files.accept();
                return;
            }
            if (!wasPassedOver || attempt > 1) {
                return;
            }
            await files.discard();
        }
        catch (error) {
            if (failureOf(error).detail !== "overtaken" || attempt === ATTEMPTS) {
                throw error;
            }
        }
        ({ authority, files } = await download(keeper, authority, tell));
    }
}
async function keepEvidence(keeper, round) {
    const evidence = round.evidence();
    if (evidence !== undefined) {
        await keeper.store.keepEvidence(JSON.parse(evidence)).catch(() => { });
    }
}
async function begin(keeper, authority, how) {
    const opened = await keeper.copy();
    if (opened === null) {
        return how(await keeper.bare(), authority.fingerprint, now());
    }
    try {
        return how(opened.device, authority.fingerprint, now());
    }
    finally {
        opened.device.free();
    }
}
async function noting(keeper, authority, act) {
    try {
        await act();
    }
    catch (error) {
        const failure = failureOf(error);
        await keeper.change(({ kept }) => note(kept, authority.origin, failure)).catch(() => { });
    }
}
function note(kept, origin, problem) {
    const before = kept.looked.find((each) => each.origin === origin);
    const at = problem === null ? Math.floor(now()) : (before?.at ?? null);
    kept.looked = [...kept.looked.filter((each) => each !== before), { origin, at, problem }];
}
