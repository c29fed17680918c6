// The confirmation: it fills the screen and can be read at arm's length, by colour, sign and words.

import type { CheckedIn, OpenVisit } from "./ask.js";
import { zoneOf } from "./authority.js";
import { button, buttons, element, field, form, more, section, text } from "./elements.js";
import type { Frame } from "./frame.js";
import { openKept } from "./later.js";
import { look } from "./looking.js";
import { Refusal, ask } from "./phone.js";
import { inBrackets, texts } from "./texts.js";
import { briefly, clock, day, fromField, now, ownZone, span, toField } from "./times.js";
import { inItsLanguage } from "./venue.js";

export function showConfirmed(frame: Frame, visit: CheckedIn, isEarlier: boolean): Promise<void> {
  return frame.show(() => {
    const { confirmed } = texts;
    const title = isEarlier ? confirmed.keptEarlier : visit.wasOpen ? confirmed.wentOn : confirmed.heading;
    const nodes = [
      frame.live((state) => state.open.find(({ id }) => id === visit.visit) ?? null, (state) => {
        const open = state.open.find(({ id }) => id === visit.visit) ?? null;
        return [sign(frame, visit, open, isEarlier), ...actions(frame, open, isEarlier)];
      }),
      frame.live(({ protection }) => protection, ({ protection }) =>
        protection === "device" ? [offer(frame)] : []),
    ];
    return { name: "confirmed", title, nodes };
  });
}

function sign(frame: Frame, visit: CheckedIn, open: OpenVisit | null, isEarlier: boolean): HTMLElement {
  const { confirmed } = texts;
  const { venue } = visit;
  const arrival = open?.arrival ?? visit.arrival;
  const departure = open?.automaticDeparture ?? visit.departure;
  // Its notice would tell the times of its own place.
  const zone = ownZone(arrival, zoneOf(frame.state));
  const times = span(arrival, departure);
  const when = isEarlier ? [element("p", {}, zone === null ? times : inBrackets(times, zone))] : [
    element("p", { class: "clock" }, clock(arrival)),
    element("p", {}, zone === null ? day(arrival) : inBrackets(day(arrival), zone)),
    element("p", {}, confirmed.leaves(briefly(departure))),
  ];
  return element("div", { class: "sign" },
    element("p", { class: "tick-mark", "aria-hidden": "true" }, "✓"),
    inItsLanguage("p", venue.description, "name"),
    venue.room === null ? null : inItsLanguage("p", venue.room),
    ...when,
    element("p", { class: "small" }, confirmed.nothingSent));
}

function actions(frame: Frame, open: OpenVisit | null, isEarlier: boolean): Node[] {
  const { confirmed, front } = texts;
  const done = button("done", confirmed.done, () => frame.home(), "primary large");
  if (isEarlier) {
    // Not by itself: a check-in makes no request. [WEB-2]
    const looks = button("look-now", front.lookNow, () => {
      frame.home();
      return look();
    });
    return [text(confirmed.lookNow), buttons(looks, done)];
  }
  if (open === null) {
    return [buttons(done)];
  }
  const checkOut = button("check-out", confirmed.checkOut, async () => {
    await ask("check-out", { visit: open.id, departure: null });
    frame.home(front.checkedOut);
  }, "quiet");
  return [buttons(done, checkOut), times(frame, open)];
}

function times(frame: Frame, open: OpenVisit): HTMLElement {
  const { confirmed } = texts;
  const arrival = field("arrival", confirmed.arrival, {
    type: "datetime-local", value: toField(open.arrival), max: toField(now()),
  });
  const correct = button("correct-arrival", confirmed.correct, async () => {
    await ask("correct-arrival", { visit: open.id, arrival: given(arrival.input) });
    frame.say(confirmed.corrected);
  });
  const departure = field("departure", confirmed.departure, {
    type: "datetime-local", value: toField(open.automaticDeparture), min: toField(now()),
  });
  const plan = button("plan-check-out", confirmed.plan, async () => {
    await ask("plan-check-out", { visit: open.id, departure: given(departure.input) });
    frame.say(confirmed.planned);
  });
  return more("times", confirmed.times, form(correct, arrival.row), form(plan, departure.row));
}

function given(input: HTMLInputElement): number {
  const time = fromField(input.value);
  if (time === null) {
    throw new Refusal({ code: "wrong-time", detail: "a time is missing" });
  }
  return time;
}

/** Offered at once, since a key without a passphrase lies beside what it seals. [WEB-4] */
function offer(frame: Frame): HTMLElement {
  const { protect, protectWhy } = texts.confirmed;
  return section(protect, text(protectWhy), buttons(button("offer-passphrase", protect, () => openKept(frame))));
}
