import { showAuthority } from "./authority.js";
import { showConfirmed } from "./confirmed.js";
import { ofThen } from "./earlier.js";
import { button, buttons, element, field, form, list, more, note, problem, section, text } from "./elements.js";
import { openLocked, openSlipOf } from "./later.js";
import { Refusal, ask } from "./phone.js";
import { texts } from "./texts.js";
import { HOUR, clock, day, fromField, now, toField } from "./times.js";
import { venueCard } from "./venue.js";
export async function showArrive(frame, link, isOpened) {
    try {
        let poster = await ask("read", { link });
        const stop = frame.onState(({ own, authorities }) => {
            if (poster.authority === null && (own !== null || authorities.length > 0)) {
                stop();
                void ask("read", { link }).then((again) => {
                    poster = again;
                    return frame.name === "arrive" ? frame.redraw() : undefined;
                }, () => { });
            }
        });
        if (isWhoseKnown(frame)) {
            stop();
        }
        await frame.show(() => arrival(frame, poster, isOpened), stop);
    }
    catch (error) {
        if (!isOpened) {
            throw error;
        }
        await frame.show(() => unusable(frame, error));
    }
}
function arrival(frame, poster, isOpened) {
    const { arrive } = texts;
    const { host } = new URL(poster.link);
    const isOurs = poster.authority !== null || (!isWhoseKnown(frame) && host === location.host);
    const whose = poster.authority ?? (isOurs ? host : arrive.strangeAuthority(host));
    const isShort = poster.validUntil - poster.validFrom <= LONGEST_EVENT;
    const nodes = [venueCard({ ...poster.venue, kind: null }, [arrive.authority, whose], [arrive.valid, isShort || !poster.isValidNow ? validity(poster, isShort) : null])];
    if (!isOurs) {
        nodes.push(problem("other-authority"), buttons(button("follow", arrive.follow, () => showAuthority(frame, new URL(poster.link).origin, () => showArrive(frame, poster.link, isOpened)), "primary")));
    }
    else if (!poster.isValidNow) {
        nodes.push(problem(poster.validFrom > now() ? "not-yet-valid" : "no-longer-valid"));
        nodes.push(...(poster.validFrom > now() ? [] : [earlier(frame, poster), ofSlip(frame, poster)]));
    }
    else {
        nodes.push(...(poster.openVisit === null ? checkIn(frame, poster) : alreadyHere(frame, poster.openVisit)));
        nodes.push(earlier(frame, poster), ofSlip(frame, poster));
    }
    if (isOpened) {
        nodes.push(history());
    }
    const title = isOurs && poster.openVisit !== null ? arrive.alreadyHeading : arrive.heading;
    return { name: "arrive", title, back: () => frame.home(), nodes };
}
function isWhoseKnown({ state }) {
    return state !== null && (state.own !== null || state.authorities.length > 0);
}
const LONGEST_EVENT = 36 * HOUR;
function validity({ validFrom, validUntil }, isShort) {
    return isShort
        ? `${clock(validFrom)} – ${clock(validUntil)}, ${day(validFrom)}`
        : `${day(validFrom)} – ${day(validUntil - 1)}`;
}
function checkIn(frame, poster) {
    const { arrive } = texts;
    const press = button("check-in", arrive.checkIn, () => keep(frame, poster, null, null), "primary large");
    return [element("div", { class: "first" }, press, note(texts.front.purpose), note(arrive.nothingSent))];
}
function alreadyHere(frame, visit) {
    const { arrive, front } = texts;
    const open = frame.state?.open.find(({ id }) => id === visit);
    const goOn = button("go-on", arrive.goOn, () => frame.home(), "primary large");
    const out = button("check-out", front.checkOut, async () => {
        await ask("check-out", { visit, departure: null });
        frame.home(front.checkedOut);
    }, "large");
    const since = open === undefined ? null : text(arrive.already(clock(open.arrival)));
    return [element("div", { class: "first" }, since, goOn, out)];
}
function earlier(frame, poster) {
    const { arrive } = texts;
    const end = Math.min(now(), poster.validUntil);
    const max = toField(end);
    const from = field("from", arrive.from, { type: "datetime-local", max, value: toField(end - HOUR) });
    const to = field("to", arrive.to, { type: "datetime-local", max, value: max });
    const press = button("check-in-earlier", arrive.checkInEarlier, async () => {
        const [arrival, departure] = [fromField(from.input.value), fromField(to.input.value)];
        if (arrival === null || departure === null) {
            throw new Refusal({ code: "wrong-time", detail: "a time is missing" });
        }
        await keep(frame, poster, arrival, departure).catch((error) => {
            throw ofThen(error);
        });
    });
    const times = more("times", arrive.earlier, form(press, from.row, to.row));
    times.querySelector("summary")?.setAttribute("data-do", "earlier");
    return times;
}
function ofSlip(frame, poster) {
    return buttons(button("is-slip", texts.arrive.isSlip, () => openSlipOf(frame, poster), "quiet"));
}
async function keep(frame, poster, arrival, departure) {
    try {
        const visit = await ask("check-in", { link: poster.link, arrival, departure });
        await showConfirmed(frame, visit, departure !== null);
    }
    catch (error) {
        if (!(error instanceof Refusal && error.code === "locked")) {
            throw error;
        }
        await openLocked(frame, () => void showArrive(frame, poster.link, false));
    }
}
function history() {
    const { arrive } = texts;
    return section(arrive.history, text(arrive.historyWhy), list(...arrive.historyHow), text(arrive.historyNext));
}
function unusable(frame, error) {
    const why = error instanceof Refusal ? problem(error.code, error.detail) : problem("defect", String(error));
    return { name: "problem", title: texts.arrive.cannot, back: () => frame.home(), nodes: [why, history()] };
}
