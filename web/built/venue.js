import { element, facts } from "./elements.js";
import { texts } from "./texts.js";
export function nameOf(venue) {
    return venue.room ? `${venue.description} · ${venue.room}` : venue.description;
}
export function inItsLanguage(tag, words, look = null) {
    const lang = /[\u3041-\u30ff]/.test(words) ? "ja" : /[\uac00-\ud7a3]/.test(words) ? "ko" : "";
    return element(tag, { class: look, lang }, words);
}
export function venueCard(venue, ...more) {
    const { address, room, kind } = texts.arrive;
    const kindName = venue.kind === null ? null : (texts.kinds[venue.kind] ?? venue.kind);
    const rows = facts([room, venue.room], [address, venue.address], [kind, kindName], ...more);
    return element("div", { class: "card venue" }, inItsLanguage("p", venue.description, "name"), rows);
}
