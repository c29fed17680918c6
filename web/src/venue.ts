// How a venue is shown.

import type { VenueText } from "./ask.js";
import { element, facts } from "./elements.js";
import { texts } from "./texts.js";

/** Its name, with the room where it has one. */
export function nameOf(venue: VenueText): string {
  return venue.room ? `${venue.description}, ${venue.room}` : venue.description;
}

/** The name large, and what else its poster says. */
export function venueCard(venue: VenueText, ...more: (readonly [string, Node | string | null])[]): HTMLElement {
  const { address, room, kind } = texts.arrive;
  const kindName = venue.kind === null ? null : (texts.kinds[venue.kind] ?? venue.kind);
  const rows = facts([room, venue.room], [address, venue.address], [kind, kindName], ...more);
  // The venue wrote its name in its own language, which nobody knows here.
  return element("div", { class: "card venue" }, element("p", { class: "name", lang: "" }, venue.description), rows);
}
