// What the worker does for each ask.

import type {
  Authority, CheckedIn, Given, Gives, Handover, Name, NewVenue, Poster, Progress, VenueText, Witnesses,
} from "./ask.js";
import { deliver } from "./deliver.js";
import { exported, imported } from "./exports.js";
import { Refused, failureOf } from "./failures.js";
import { download } from "./fetching.js";
import { type Device, Parcel, read_sheet, see_authority, set_up_venue } from "./noren_wasm.js";
import { readPoster } from "./posters.js";
import { look } from "./rounds.js";
import { checkSlip } from "./slip.js";
import { type Keeper, type Opened, authority, now } from "./vault.js";

export type Answers = { [N in Name]: (given: Given<N>) => Promise<Gives<N>> };

const MAX_PROFILE = 65_536;

export function answers(keeper: Keeper, tell: (progress: Progress) => void): Answers {
  const change = async (act: (opened: Opened) => void): Promise<null> => {
    await keeper.change(act);
    return null;
  };
  return {
    state: () => keeper.refresh(),
    async speak({ languages }) {
      keeper.languages = tags(languages);
      await keeper.refresh();
      return null;
    },
    read: ({ link }) => readPoster(keeper, link),
    "check-in": (given) => checkIn(keeper, given),
    "check-out": ({ visit, departure }) => change(({ device }) => device.check_out(visit, departure, now())),
    "plan-check-out": ({ visit, departure }) =>
      change(({ device }) => device.plan_check_out(visit, departure, now())),
    "correct-arrival": ({ visit, arrival }) =>
      change(({ device }) => device.correct_arrival(visit, arrival, now())),
    "forget-visit": ({ visit }) => change(({ device }) => device.forget_visit(visit)),
    reminded: ({ visit }) => change(({ device }) => device.reminded(visit)),
    async "forget-all"() {
      await keeper.forgetAll();
      return null;
    },
    "see-authority": async ({ address }) => (await seeAuthority(address)).seen,
    follow: (given) => follow(keeper, given),
    "ask-witnesses": ({ fingerprint, witnesses }) => change(({ device }) => askWitnesses(device, fingerprint, witnesses)),
    unfollow: ({ fingerprint }) => change(({ device }) => device.unfollow(fingerprint)),
    async look() {
      await look(keeper, tell);
      return null;
    },
    dismiss: ({ notice }) => change(({ device }) => device.dismiss(notice)),
    async "forget-evidence"({ log }) {
      await keeper.forgetEvidence(log);
      return null;
    },
    async seen({ notices }) {
      await keeper.announce(notices);
      return null;
    },
    async "set-passphrase"({ passphrase }) {
      await keeper.setPassphrase(passphrase);
      return null;
    },
    async "remove-passphrase"() {
      await keeper.removePassphrase();
      return null;
    },
    async unlock({ passphrase }) {
      await keeper.unlock(passphrase);
      return null;
    },
    async lock() {
      await keeper.lock();
      return null;
    },
    // Only a page may ask the browser (phone.ts does); here is what it said.
    "ask-persistence": async () => (await keeper.refresh()).isPersistent,
    export: () => keep(keeper),
    "see-copy": ({ file }) => keeper.seeCopy(imported(file)),
    async import({ file, passphrase }) {
      await keeper.replace(imported(file), passphrase);
      return null;
    },
    async "record-diary"({ on }) {
      await keeper.changeOrMake(({ device }) => device.record_diary(on));
      return null;
    },
    "note-diary": ({ entry, note }) => change(({ device }) => device.note_diary(entry, note)),
    "forget-diary": ({ entry }) => change(({ device }) => device.forget_diary(entry)),
    "check-slip": (slip) => checkSlip(keeper, slip, tell),
    "set-up-venue": (given) => setUpVenue(keeper, given),
    "read-sheet": async ({ trace }) => JSON.parse(read_sheet(trace)) as VenueText,
    "see-handover": (given) => withParcel(keeper, given, async (parcel) => handoverOf(parcel)),
    "hand-over": (given) =>
      withParcel(keeper, given, async (parcel) => {
        await deliver(parcel, handoverOf(parcel).authority.url, keeper.store);
        return null;
      }),
  };
}

async function checkIn(keeper: Keeper, given: Given<"check-in">): Promise<CheckedIn> {
  const checkedIn = await keeper.changeOrMake(({ device, kept }) => {
    if (kept.wantsOwn && keeper.own.profile !== null) {
      device.follow(keeper.own.profile, null);
      kept.wantsOwn = false;
    }
    // [WEB-22] Not yet known whose the page is, it is followed as soon as it is.
    const { authority: whose } = JSON.parse(device.read_poster(given.link, null, now())) as Poster;
    if (whose === null && !kept.wantsOwn) {
      throw new Refused("other-authority", "nobody that this device follows would warn of it");
    }
    return device.check_in(given.link, given.arrival, given.departure, now());
  });
  return JSON.parse(checkedIn) as CheckedIn;
}

async function seeAuthority(address: string): Promise<{ seen: Authority; profile: Uint8Array }> {
  const text = address.trim();
  const there = /^https?:\/\//i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(there)) {
    throw new Refused("bad-form", "this is no address");
  }
  const { origin, pathname } = new URL(there);
  const { bytes } = await download(`${origin}${pathname.replace(/\/$/, "")}/v1/authority`, MAX_PROFILE);
  if (bytes === null) {
    throw new Refused("offline", "there is no authority at this address");
  }
  return { seen: authority(JSON.parse(see_authority(bytes))), profile: bytes };
}

async function follow(keeper: Keeper, { address, fingerprint, witnesses }: Given<"follow">): Promise<null> {
  const { profile } = await seeAuthority(address);
  // In one change: its log is never read without those who are asked for. [WEB-26]
  await keeper.changeOrMake(({ device }) => {
    device.follow(profile, fingerprint);
    if (witnesses !== null) {
      askWitnesses(device, fingerprint, witnesses);
    }
  });
  return null;
}

function askWitnesses(device: Device, fingerprint: string, witnesses: Witnesses | null): void {
  device.ask_witnesses(fingerprint, witnesses?.least ?? 0, witnesses?.keys.join("\n") ?? "");
}

async function keep(keeper: Keeper): Promise<Uint8Array> {
  const kept = await keeper.store.read();
  if (kept === null) {
    throw new Refused("no-such-visit", "nothing is kept on this device");
  }
  return exported(kept);
}

async function setUpVenue(keeper: Keeper, { form, languages }: Given<"set-up-venue">): Promise<NewVenue> {
  const profile = await profileForOwner(keeper);
  const venue = JSON.parse(set_up_venue(JSON.stringify(form), profile, [...languages], now())) as NewVenue;
  return { ...venue, authority: authority(venue.authority as Authority & { origin: string }) };
}

/** Makes the keys for as long as `act` runs: neither they nor the trace code stay. [WEB-9] */
async function withParcel<T>(
  keeper: Keeper,
  { trace, codes }: { trace: string; codes: string },
  act: (parcel: Parcel) => Promise<T>,
): Promise<T> {
  const parcel = new Parcel(trace, codes, await profileForOwner(keeper), now());
  try {
    return await act(parcel);
  } finally {
    parcel.free();
  }
}

function handoverOf(parcel: Parcel): Handover {
  const handover = JSON.parse(parcel.handover()) as Handover;
  return { ...handover, authority: authority(handover.authority as Authority & { origin: string }) };
}

/** The profile of the page's own authority, or of the first that is followed, by the rules of pinning. */
async function profileForOwner(keeper: Keeper): Promise<Uint8Array> {
  let failure = new Refused("offline", "the authority of this page is not known yet");
  if (keeper.own.profile === null) {
    await keeper.own.fetch().catch((error: unknown) => {
      const { code, detail } = failureOf(error);
      failure = new Refused(code, detail);
    });
  }
  const device = await keeper.bare();
  try {
    const profile = device.profile_for_owner(keeper.own.profile);
    if (profile === undefined) {
      throw failure;
    }
    return profile;
  } finally {
    device.free();
  }
}

/** Each language with what it begins with: authorities write "zh" or "zh-Hans" where a page says "zh-Hans-CN". */
function tags(languages: string[]): string[] {
  const all = languages.flatMap((language) => {
    const parts = language.split("-");
    return parts.map((_, count) => parts.slice(0, parts.length - count).join("-"));
  });
  return [...new Set([...all, "en"])];
}
