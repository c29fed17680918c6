import { LANGUAGES, language } from "../texts.js";
import { toField } from "../times.js";
export const MOST_LANGUAGES = 4;
export function usualLanguages() {
    return [...new Set([language, "ja", "en", "ko", "zh-Hans"])].slice(0, MOST_LANGUAGES);
}
export function draw(press, paper, venue, languages) {
    const code = paper === "sheet" ? venue.traceText : venue.entryLink;
    return press.draw({ paper, place: placeOf(venue), code, languages: inOrder(languages).join(",") });
}
export function inOrder(languages) {
    const all = Object.keys(LANGUAGES);
    const wanted = all.filter((each) => languages.includes(each));
    return wanted.includes(language) ? [language, ...wanted.filter((each) => each !== language)] : wanted;
}
export function fileName(venue, paper) {
    const words = [venue.form.name, venue.form.room, paper].join(" ").split(/[^\p{L}\p{M}\p{N}]+/u);
    return words.filter((word) => word !== "").join("-").slice(0, 80);
}
export function pageOf({ entryLink }) {
    return entryLink.split(/[?#]/)[0] ?? "";
}
function placeOf(venue) {
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
function dayOf(time) {
    return toField(time).slice(0, 10);
}
