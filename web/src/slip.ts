// "Check a slip": a visit that stands on paper is held against the whole log, on anybody's device, and
// forgotten with the answer. [WEB-8]

import type { Failure, Progress, SlipAnswer } from "./ask.js";
import { Refused, failureOf } from "./failures.js";
import { LogFiles } from "./log-files.js";
import { type Device, Round } from "./noren_wasm.js";
import { type Followed, authoritiesOf } from "./rounds.js";
import { type Keeper, now } from "./vault.js";

export async function checkSlip(
  keeper: Keeper,
  slip: { link: string; from: number; to: number },
  tell: (progress: Progress) => void,
): Promise<SlipAnswer> {
  const lookedAt = Math.floor(now());
  await keeper.own.fetch().catch((error: unknown) => {
    // Without the page's own authority the followed ones may still do.
    if (failureOf(error).code !== "offline") {
      throw error;
    }
  });
  const device = await deviceFor(keeper, slip);
  try {
    const read: { authority: Followed; files: LogFiles }[] = [];
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
    return { warned: JSON.parse(device.warned(keeper.languages)) as SlipAnswer["warned"], lookedAt };
  } finally {
    device.free();
  }
}

/** A device that keeps nothing but the slip's visit, and reads what a device reads that begins. */
async function deviceFor(keeper: Keeper, { link, from, to }: { link: string; from: number; to: number }): Promise<Device> {
  const bare = await keeper.bare();
  try {
    if (keeper.own.profile !== null) {
      bare.follow(keeper.own.profile, null);
    }
    return bare.for_slip(link, from, to, now());
  } finally {
    bare.free();
  }
}

/** Puts what was found into the device. What was not tried is no "nothing was published". [WEB-8] */
async function match(round: Round, files: LogFiles, device: Device): Promise<void> {
  try {
    await files.match(round);
  } catch (error) {
    round.free();
    throw error;
  }
  const untried = round.finish(device);
  if (untried !== undefined) {
    const { code, detail } = JSON.parse(untried) as Failure;
    throw new Refused(code, detail);
  }
}

async function through(round: Round, act: (round: Round) => Promise<void>): Promise<void> {
  try {
    await act(round);
  } finally {
    round.free();
  }
}
