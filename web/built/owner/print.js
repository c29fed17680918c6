import { buttons, element, more, note, section, text } from "../elements.js";
import { save } from "../saving.js";
import { HOUR, day, span } from "../times.js";
import { venueCard } from "../venue.js";
import { Guard } from "./leaving.js";
import { languageTicks } from "./languages.js";
import { linkWarning } from "./link-warning.js";
import { showOwner } from "./owner.js";
import { draw, fileName, usualLanguages } from "./papers.js";
import { Press } from "./press.js";
import { act } from "./telling.js";
import { speak, words } from "./texts.js";
export async function showPrint(frame, venue) {
    const press = new Press();
    const chosen = new Set(usualLanguages());
    let isSaved = false;
    let guard = null;
    const print = async (paper, name) => {
        const pdf = await draw(press, paper, venue, [...chosen]);
        const file = `${fileName(venue, name)}.pdf`;
        save(file, "application/pdf", pdf);
        frame.say(words.print.saved(file));
    };
    const saveSheet = async () => {
        await print("sheet", "private");
        isSaved = true;
        guard?.lift();
        frame.say(words.print.sheetSaved);
    };
    const draws = async () => {
        await speak();
        const { print: told } = words;
        const button = (does, label, paper, name) => act(does, label, () => print(paper, name));
        const nodes = [
            text(told.made),
            venueCard(venueText(venue), [told.authority, venue.authority.name], [told.valid, validity(venue)]),
            ...[linkWarning(venue.entryLink)].filter((warning) => warning !== null),
            section(told.sheet, text(told.sheetWhy), ...(venue.telephone === null ? [note(told.noNumber(venue.authority.name))] : []), buttons(act("save-sheet", told.saveSheet, saveSheet, undefined, "primary")), ...(isSaved ? [note(told.sheetSaved)] : [])),
            section(told.posters, text(told.postersWhy), languageTicks(chosen), buttons(button("save-poster", told.savePoster, "a4", "poster"), button("save-tent", told.saveTent, "tent", "tent"), button("save-slips", told.saveSlips, "slips", "slips"), button("save-screen", told.saveScreen, "screen", "screen"))),
            more("link", told.link, note(told.linkWhy), element("p", {}, element("code", { class: "fingerprint" }, venue.entryLink)), buttons(act("copy-link", told.copyLink, () => copy(frame, venue.entryLink)))),
            buttons(act("done", told.done, () => showOwner(frame), undefined, "large")),
        ];
        return { name: "print", title: told.heading, nodes };
    };
    await frame.show(draws, () => {
        guard?.lift();
        press.end();
    });
    guard = new Guard(frame);
}
async function copy(frame, link) {
    const { linkCopied, linkNotCopied } = words.print;
    const isCopied = await navigator.clipboard?.writeText(link).then(() => true, () => false);
    frame.say(isCopied ? linkCopied : linkNotCopied);
}
function validity({ validFrom, validUntil }) {
    return validUntil - validFrom > 36 * HOUR
        ? `${day(validFrom)} – ${day(validUntil - 1)}`
        : span(validFrom, validUntil);
}
function venueText({ form }) {
    return { description: form.name, address: form.address, room: form.room || null, kind: form.kind };
}
