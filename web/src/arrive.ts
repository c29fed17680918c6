// What a scanned code says, and the one large button. Nothing is kept or sent before it is pressed. [WEB-2]

import type { Poster } from "./ask.js";
import { showAuthority } from "./authority.js";
import { showConfirmed } from "./confirmed.js";
import { ofThen } from "./earlier.js";
import { button, buttons, element, field, form, list, more, note, problem, section, text } from "./elements.js";
import type { Frame } from "./frame.js";
import { openLocked, openSlipOf } from "./later.js";
import { Refusal, ask } from "./phone.js";
import { texts } from "./texts.js";
import { HOUR, clock, day, fromField, now, toField } from "./times.js";
import { venueCard } from "./venue.js";

/** Shows what a link says. A link from inside the page that cannot be read rejects; one by which the page
 * was opened has its own screen. */
export async function showArrive(frame: Frame, link: string, isOpened: boolean): Promise<void> {
  try {
    let poster = await ask("read", { link });
    // A link opens this screen before the server has said whose the page is.
    const stop = frame.onState(({ own, authorities }) => {
      if (poster.authority === null && (own !== null || authorities.length > 0)) {
        stop();
        void ask("read", { link }).then((again) => {
          poster = again;
          return frame.name === "arrive" ? frame.redraw() : undefined;
        }, () => {});
      }
    });
    if (isWhoseKnown(frame)) {
      stop();
    }
    await frame.show(() => arrival(frame, poster, isOpened), stop);
  } catch (error) {
    if (!isOpened) {
      throw error;
    }
    await frame.show(() => unusable(frame, error));
  }
}

function arrival(frame: Frame, poster: Poster, isOpened: boolean) {
  const { arrive } = texts;
  const { host } = new URL(poster.link);
  // Offline for the first time, nobody has said yet whose the page is: a code that leads to it is taken.
  const isOurs = poster.authority !== null || (!isWhoseKnown(frame) && host === location.host);
  const whose = poster.authority ?? (isOurs ? host : arrive.strangeAuthority(host));
  // No more than tells a stranger whether this is the place: who stands at a door reads all of it.
  const isShort = poster.validUntil - poster.validFrom <= LONGEST_EVENT;
  const nodes: Node[] = [venueCard({ ...poster.venue, kind: null },
    [arrive.authority, whose],
    [arrive.valid, isShort || !poster.isValidNow ? validity(poster, isShort) : null])];
  if (!isOurs) {
    nodes.push(problem("other-authority"), buttons(button("follow", arrive.follow, () =>
      showAuthority(frame, new URL(poster.link).origin, () => showArrive(frame, poster.link, isOpened)), "primary")));
  } else if (!poster.isValidNow) {
    nodes.push(problem(poster.validFrom > now() ? "not-yet-valid" : "no-longer-valid"));
    nodes.push(...(poster.validFrom > now() ? [] : [earlier(frame, poster), ofSlip(frame, poster)]));
  } else {
    nodes.push(...(poster.openVisit === null ? checkIn(frame, poster) : alreadyHere(frame, poster.openVisit)));
    nodes.push(earlier(frame, poster), ofSlip(frame, poster));
  }
  if (isOpened) {
    nodes.push(history());
  }
  const title = isOurs && poster.openVisit !== null ? arrive.alreadyHeading : arrive.heading;
  return { name: "arrive", title, back: () => frame.home(), nodes };
}

function isWhoseKnown({ state }: Frame): boolean {
  return state !== null && (state.own !== null || state.authorities.length > 0);
}

/** Nobody needs the hours of a year. */
const LONGEST_EVENT = 36 * HOUR;

function validity({ validFrom, validUntil }: Poster, isShort: boolean): string {
  return isShort
    ? `${clock(validFrom)} – ${clock(validUntil)}, ${day(validFrom)}`
    : `${day(validFrom)} – ${day(validUntil - 1)}`;
}

function checkIn(frame: Frame, poster: Poster): Node[] {
  const { arrive } = texts;
  const press = button("check-in", arrive.checkIn, () => keep(frame, poster, null, null), "primary large");
  return [element("div", { class: "first" }, press, note(texts.front.purpose), note(arrive.nothingSent))];
}

function alreadyHere(frame: Frame, visit: string): Node[] {
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

/** For a slip that was kept, or a scan that was forgotten. */
function earlier(frame: Frame, poster: Poster): HTMLElement {
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
    await keep(frame, poster, arrival, departure).catch((error: unknown) => {
      throw ofThen(error);
    });
  });
  const times = more("times", arrive.earlier, form(press, from.row, to.row));
  times.querySelector("summary")?.setAttribute("data-do", "earlier");
  return times;
}

/** The code on a slip is the poster's: whoever checks one for somebody else was not here. */
function ofSlip(frame: Frame, poster: Poster): HTMLElement {
  return buttons(button("is-slip", texts.arrive.isSlip, () => openSlipOf(frame, poster), "quiet"));
}

async function keep(frame: Frame, poster: Poster, arrival: number | null, departure: number | null): Promise<void> {
  try {
    const visit = await ask("check-in", { link: poster.link, arrival, departure });
    await showConfirmed(frame, visit, departure !== null);
  } catch (error) {
    if (!(error instanceof Refusal && error.code === "locked")) {
      throw error;
    }
    await openLocked(frame, () => void showArrive(frame, poster.link, false));
  }
}

/** What the page cannot undo: the browser wrote the link down before any program ran. [WEB-1] */
function history(): HTMLElement {
  const { arrive } = texts;
  return section(arrive.history, text(arrive.historyWhy), list(...arrive.historyHow), text(arrive.historyNext));
}

function unusable(frame: Frame, error: unknown) {
  const why = error instanceof Refusal ? problem(error.code, error.detail) : problem("defect", String(error));
  return { name: "problem", title: texts.arrive.cannot, back: () => frame.home(), nodes: [why, history()] };
}
