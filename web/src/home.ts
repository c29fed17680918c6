// The first screen: the scanner, what is open, what is news, and when the page last looked.

import type { Authority, OpenVisit, State } from "./ask.js";
import { showArrive } from "./arrive.js";
import { button, buttons, element, note, problem, section, text } from "./elements.js";
import { evidenceCards } from "./evidence.js";
import type { Frame } from "./frame.js";
import { openKept, openOwner, openScan, openSlip, openTrust } from "./later.js";
import { isLooking, lastLook, look, onLook } from "./looking.js";
import { noticeCard, showNotices } from "./notices.js";
import { ask } from "./phone.js";
import { texts } from "./texts.js";
import { briefly, moment, now } from "./times.js";
import { inItsLanguage, nameOf } from "./venue.js";

export function showHome(frame: Frame): Promise<void> {
  let stop = (): void => {};
  const draw = () => {
    stop();
    const { front } = texts;
    const looked = element("div", { class: "looked" });
    const drawLooked = (): void => drawLook(looked, frame.state);
    stop = onLook(drawLooked);
    const scan = button("scan", front.scan, () => scanPoster(frame), "primary large");
    const why = [text(front.purposeHome), note(front.scanWhy)];
    const nodes = [
      frame.live((state) => state.notices, (state) => notices(frame, state)),
      frame.live((state) => state.evidence, (state) => evidenceCards(frame, state.evidence)),
      element("div", { class: "first" }, scan,
        // Whoever has checked in knows, and looks for what is open.
        frame.live((state) => state.open.length, (state) => (state.open.length === 0 ? why : []))),
      frame.live((state) => state.open, (state) => openVisits(frame, state.open)),
      frame.live((state) => [state.vault, state.authorities], () => {
        drawLooked();
        return [looked];
      }),
      section(front.more, buttons(
        button("open-slip", front.slip, () => openSlip(frame), "wide"),
        button("open-owner", front.owner, () => openOwner(frame), "wide"),
        button("open-kept", front.kept, () => openKept(frame), "wide"),
        button("open-trust", front.trust, () => openTrust(frame), "wide"))),
    ];
    return { name: "home", title: front.heading, nodes };
  };
  return frame.show(draw, () => stop());
}

function scanPoster(frame: Frame): Promise<void> {
  return openScan(frame, {
    title: () => texts.scan.heading,
    explain: () => texts.scan.explain,
    onText: (link) => showArrive(frame, link, false),
    back: () => frame.home(),
    field: true,
  });
}

function notices(frame: Frame, state: State): Node[] {
  if (state.notices.length === 0) {
    return [];
  }
  const isNew = state.notices.some((notice) => notice.news !== null);
  const heading = element("h2", {}, texts.front.notices);
  return [element("section", { class: "card alarm", role: isNew ? "alert" : null },
    heading,
    ...state.notices.map((notice) => noticeCard(notice, true)),
    buttons(button("open-notices", texts.front.openNotices, () => showNotices(frame), "primary")))];
}

function openVisits(frame: Frame, visits: OpenVisit[]): Node[] {
  if (visits.length === 0) {
    return [];
  }
  return [section(texts.front.open, ...visits.map((visit) => openVisit(frame, visit)))];
}

function openVisit(frame: Frame, visit: OpenVisit): HTMLElement {
  const { front } = texts;
  const isDue = visit.reminderDue <= now();
  const checkOut = button("check-out", front.checkOut, async () => {
    await ask("check-out", { visit: visit.id, departure: null });
    frame.say(front.checkedOut);
  });
  return element("div", { class: "visit", "data-visit": true },
    inItsLanguage("p", nameOf(visit.venue), "name"),
    note(front.since(briefly(visit.arrival)), " · ", front.leaves(briefly(visit.automaticDeparture))),
    isDue ? element("p", { class: "due" }, front.stillThere) : null,
    buttons(checkOut));
}

/** Says when the page last looked and at whom, in an element that stays while it looks. */
function drawLook(looked: HTMLElement, state: State | null): void {
  const { front } = texts;
  looked.dataset["looked"] = lastLook === null ? "" : String(lastLook);
  looked.setAttribute("aria-busy", String(isLooking));
  if (state === null || (state.authorities.length === 0 && state.vault !== "open")) {
    looked.replaceChildren(section(front.looked, note(front.nothingKept)));
    return;
  }
  const { authorities } = state;
  const isQuiet = state.notices.length === 0 && authorities.length > 0
    && authorities.every(({ lookedAt, problem: failure }) => lookedAt !== null && failure === null);
  const hasFocus = looked.contains(document.activeElement);
  const again = button("look", isLooking ? front.looking : front.lookNow, () => look());
  looked.replaceChildren(section(front.looked,
    isQuiet ? text(front.nothingNew) : null,
    // A visit of before the server was first reached: whose the page is will be known then.
    ...(authorities.length === 0 ? [note(front.notLooked(location.host))] : authorities.flatMap(lookedAt)),
    buttons(again)));
  if (hasFocus) {
    again.focus({ preventScroll: true });
  }
}

function lookedAt({ name, lookedAt: time, problem: failure }: Authority): Node[] {
  const { front } = texts;
  const told = note(time === null ? front.notLooked(name) : front.lookedAt(name, moment(time)));
  if (failure === null) {
    return [told];
  }
  const why = problem(failure.code, failure.detail);
  // It stands until the next look, not until the next press.
  why.classList.remove("told");
  return [told, why];
}
