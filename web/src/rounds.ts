// A look: everything that every followed authority has published since the last one. All of it is
// downloaded, from all of them, before any of it is tried on a record: neither what is asked for nor
// when tells anything of a visit. [WEB-3] [MAT-11]

import type { Evidence, Failure, Progress } from "./ask.js";
import { failureOf } from "./failures.js";
import { LogFiles } from "./log-files.js";
import { type Device, Round } from "./noren_wasm.js";
import { alone } from "./tabs.js";
import { type Keeper, now } from "./vault.js";

/** A followed authority. */
export interface Followed {
  url: string;
  fingerprint: string;
  origin: string;
}

interface Downloaded {
  authority: Followed;
  files: LogFiles;
  newEntries: number;
}

/** How often a look starts over where another one was faster. */
const ATTEMPTS = 5;

/** Looks. One authority that cannot be read hides no other's warning: its state says why. */
export function look(keeper: Keeper, tell: (progress: Progress) => void): Promise<void> {
  return alone("noren-look", async () => {
    // Whoever keeps nothing follows nobody, and asks for no more than whose page this is.
    await keeper.own.fetch().catch(() => {});
    if ((await keeper.store.read()) === null) {
      await keeper.refresh();
      return;
    }
    // Visits that are over are sealed before their records are tried.
    await keeper.change(({ device, kept }) => {
      if (kept.wantsOwn && keeper.own.profile !== null) {
        device.follow(keeper.own.profile, null);
        kept.wantsOwn = false;
      }
    });
    const downloaded: Downloaded[] = [];
    for (const authority of await followedBy(keeper)) {
      await noting(keeper, authority, async () => {
        downloaded.push(await download(keeper, authority, tell));
      });
    }
    // A log that has grown much keeps nobody from the news of the others.
    downloaded.sort((one, other) => one.newEntries - other.newEntries);
    for (const each of downloaded) {
      await noting(keeper, each.authority, () => match(keeper, each, tell));
    }
  });
}

/** The authorities that a device follows. */
export function authoritiesOf(device: Device): Followed[] {
  return (JSON.parse(device.state([])) as { authorities: Followed[] }).authorities;
}

async function followedBy(keeper: Keeper): Promise<Followed[]> {
  const device = await keeper.bare();
  try {
    return authoritiesOf(device);
  } finally {
    device.free();
  }
}

async function download(keeper: Keeper, authority: Followed, tell: (progress: Progress) => void): Promise<Downloaded> {
  const files = new LogFiles(authority.url, authority.origin, keeper.store);
  if (keeper.own.profile !== null && keeper.own.address === authority.url) {
    files.has("v1/authority", keeper.own.profile);
  }
  const round = await begin(keeper, authority, Round.download);
  try {
    await files.download(round, tell);
    return { authority, files, newEntries: (JSON.parse(round.progress()) as Progress).newEntries };
  } catch (error) {
    if (failureOf(error).code === "refused-log") {
      await files.discard();
    }
    await keepEvidence(keeper, round);
    throw error;
  } finally {
    round.free();
  }
}

/** Tries what was downloaded without holding the lock, then puts what was found into the vault. */
async function match(keeper: Keeper, first: Downloaded, tell: (progress: Progress) => void): Promise<void> {
  let { authority, files } = first;
  for (let attempt = 1; ; attempt += 1) {
    const round = await begin(keeper, authority, Round.matching);
    const wasPassedOver = files.isPassedOver;
    try {
      await files.match(round);
    } catch (error) {
      await keepEvidence(keeper, round);
      round.free();
      throw error;
    }
    try {
      const untried = await keeper.change(({ device, kept }) => {
        const failed = round.finish(device);
        const problem = failed === undefined ? null : (JSON.parse(failed) as Failure);
        note(kept, authority.origin, problem);
        return problem;
      });
      if (untried === null) {
        await files.accept();
        return;
      }
      // What is kept is opened only where a visit has to be tried on it: it is damaged. [LOG-16]
      if (!wasPassedOver || attempt > 1) {
        return;
      }
      await files.discard();
    } catch (error) {
      if (failureOf(error).detail !== "overtaken" || attempt === ATTEMPTS) {
        throw error;
      }
    }
    ({ authority, files } = await download(keeper, authority, tell));
  }
}

/** Keeps the heads that contradict each other, where that is why a log is refused. [WEB-12] */
async function keepEvidence(keeper: Keeper, round: Round): Promise<void> {
  const evidence = round.evidence();
  if (evidence !== undefined) {
    // Without room for it, what is known of the log still refuses it the next time.
    await keeper.store.keepEvidence(JSON.parse(evidence) as Evidence).catch(() => {});
  }
}

async function begin(
  keeper: Keeper,
  authority: Followed,
  how: (device: Device, fingerprint: string, now: number) => Round,
): Promise<Round> {
  const opened = await keeper.copy();
  if (opened === null) {
    // Another tab has forgotten everything: this authority is not followed any more.
    return how(await keeper.bare(), authority.fingerprint, now());
  }
  try {
    return how(opened.device, authority.fingerprint, now());
  } finally {
    opened.device.free();
  }
}

/** Does something of one authority's, and notes why it failed. */
async function noting(keeper: Keeper, authority: Followed, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    const failure = failureOf(error);
    // Where not even that can be noted, the next look tells it again.
    await keeper.change(({ kept }) => note(kept, authority.origin, failure)).catch(() => {});
  }
}

function note(kept: { looked: { origin: string; at: number | null; problem: Failure | null }[] }, origin: string, problem: Failure | null): void {
  const before = kept.looked.find((each) => each.origin === origin);
  const at = problem === null ? Math.floor(now()) : (before?.at ?? null);
  kept.looked = [...kept.looked.filter((each) => each !== before), { origin, at, problem }];
}
