import { deliver } from "./deliver.js";
import { exported, imported } from "./exports.js";
import { Refused, failureOf } from "./failures.js";
import { download } from "./fetching.js";
import { Parcel, read_sheet, see_authority, set_up_venue } from "./noren_wasm.js";
import { readPoster } from "./posters.js";
import { look } from "./rounds.js";
import { checkSlip } from "./slip.js";
import { authority, now } from "./vault.js";
const MAX_PROFILE = 65_536;
export function answers(keeper, tell) {
    const change = async (act) => {
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
        "plan-check-out": ({ visit, departure }) => change(({ device }) => device.plan_check_out(visit, departure, now())),
        "correct-arrival": ({ visit, arrival }) => change(({ device }) => device.correct_arrival(visit, arrival, now())),
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
        "read-sheet": async ({ trace }) => JSON.parse(read_sheet(trace)),
        "see-handover": (given) => withParcel(keeper, given, async (parcel) => handoverOf(parcel)),
        "hand-over": (given) => withParcel(keeper, given, async (parcel) => {
            await deliver(parcel, handoverOf(parcel).authority.url, keeper.store);
            return null;
        }),
    };
}
async function checkIn(keeper, given) {
    const checkedIn = await keeper.changeOrMake(({ device, kept }) => {
        if (kept.wantsOwn && keeper.own.profile !== null) {
            device.follow(keeper.own.profile, null);
            kept.wantsOwn = false;
        }
        const { authority: whose } = JSON.parse(device.read_poster(given.link, null, now()));
        if (whose === null && !kept.wantsOwn) {
            throw new Refused("other-authority", "nobody that this device follows would warn of it");
        }
        return device.check_in(given.link, given.arrival, given.departure, now());
    });
    return JSON.parse(checkedIn);
}
async function seeAuthority(address) {
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
async function follow(keeper, { address, fingerprint, witnesses }) {
    const { profile } = await seeAuthority(address);
    await keeper.changeOrMake(({ device }) => {
        device.follow(profile, fingerprint);
        if (witnesses !== null) {
            askWitnesses(device, fingerprint, witnesses);
        }
    });
    return null;
}
function askWitnesses(device, fingerprint, witnesses) {
    device.ask_witnesses(fingerprint, witnesses?.least ?? 0, witnesses?.keys.join("\n") ?? "");
}
async function keep(keeper) {
    const kept = await keeper.store.read();
    if (kept === null) {
        throw new Refused("no-such-visit", "nothing is kept on this device");
    }
    return exported(kept);
}
async function setUpVenue(keeper, { form, languages }) {
    const profile = await profileForOwner(keeper);
    const venue = JSON.parse(set_up_venue(JSON.stringify(form), profile, [...languages], now()));
    return { ...venue, authority: authority(venue.authority) };
}
async function withParcel(keeper, { trace, codes }, act) {
    const parcel = new Parcel(trace, codes, await profileForOwner(keeper), now());
    try {
        return await act(parcel);
    }
    finally {
        parcel.free();
    }
}
function handoverOf(parcel) {
    const handover = JSON.parse(parcel.handover());
    return { ...handover, authority: authority(handover.authority) };
}
async function profileForOwner(keeper) {
    let failure = new Refused("offline", "the authority of this page is not known yet");
    if (keeper.own.profile === null) {
        await keeper.own.fetch().catch((error) => {
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
    }
    finally {
        device.free();
    }
}
function tags(languages) {
    const all = languages.flatMap((language) => {
        const parts = language.split("-");
        return parts.map((_, count) => parts.slice(0, parts.length - count).join("-"));
    });
    return [...new Set([...all, "en"])];
}
