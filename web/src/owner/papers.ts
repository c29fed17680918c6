// What a venue prints: the papers of one venue, with everything that stands on them.

import type { NewVenue, Seconds } from "../ask.js";
import { LANGUAGES, type Language, language } from "../texts.js";
import { toField } from "../times.js";
import type { Paper, Press } from "./press.js";

/** A page has room for no more languages. */
export const MOST_LANGUAGES = 4;

/** The language on the screen first, then those that most people at the door read. */
export function usualLanguages(): Language[] {
  return [...new Set<Language>([language, "ja", "en", "ko", "zh-Hans"])].slice(0, MOST_LANGUAGES);
}

/** Draws one paper of a venue. */
export function draw(
  press: Press,
  paper: Paper,
  venue: NewVenue,
  languages: readonly Language[],
): Promise<Uint8Array<ArrayBuffer>> {
  const code = paper === "sheet" ? venue.traceText : venue.entryLink;
  return press.draw({ paper, place: placeOf(venue), code, languages: inOrder(languages).join(",") });
}

/** The language on the screen is on top of the paper. */
export function inOrder(languages: readonly Language[]): Language[] {
  const all = Object.keys(LANGUAGES) as Language[];
  const wanted = all.filter((each) => languages.includes(each));
  return wanted.includes(language) ? [language, ...wanted.filter((each) => each !== language)] : wanted;
}

/** The name of a paper's file, without what a file system refuses. */
export function fileName(venue: NewVenue, paper: string): string {
  const words = [venue.form.name, venue.form.room, paper].join(" ").split(/[^\p{L}\p{M}\p{N}]+/u);
  return words.filter((word) => word !== "").join("-").slice(0, 80);
}

/** The address of the page that a link leads to, without the code. */
export function pageOf({ entryLink }: NewVenue): string {
  return entryLink.split(/[?#]/)[0] ?? "";
}

function placeOf(venue: NewVenue): string {
  const { name, address, room, kind } = venue.form;
  return JSON.stringify({
    name: name.trim(),
    address: address.trim(),
    room: room.trim() || null,
    kind,
    issued: dayOf(Date.now() / 1000),
    validFrom: dayOf(venue.validFrom),
    validTo: dayOf(venue.validUntil - 1),
    authority: { name: venue.authority.name, telephone: venue.telephone },
    page: pageOf(venue),
  });
}

/** The day in the owner's own time zone, like 2026-11-26. */
function dayOf(time: Seconds): string {
  return toField(time).slice(0, 10);
}
