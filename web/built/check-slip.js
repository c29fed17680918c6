import { zoneOf } from "./authority.js";
import { ofThen } from "./earlier.js";
import { button, buttons, element, field, form, note as aside, text } from "./elements.js";
import { noticeCard } from "./notices.js";
import { Refusal, ask } from "./phone.js";
import { showScan } from "./scanning.js";
import { texts } from "./texts.js";
import { HOUR, fromField, moment, now, ownZone, toField } from "./times.js";
import { inItsLanguage, nameOf } from "./venue.js";
export function showSlip(frame) {
    return showForm(frame, empty());
}
export function showSlipOf(frame, { link, venue }) {
    return showForm(frame, { ...empty(), link, venue: nameOf(venue) });
}
function empty() {
    const end = now();
    return { link: "", venue: "", from: toField(end - HOUR), to: toField(end) };
}
function showForm(frame, slip) {
    return frame.show(() => {
        const { slip: words } = texts;
        const max = toField(now());
        const link = field("link", words.link, {
            type: "url", value: slip.link, autocomplete: "off", autocapitalize: "off", spellcheck: "false",
        });
        const from = field("from", words.from, { type: "datetime-local", value: slip.from, max });
        const to = field("to", words.to, { type: "datetime-local", value: slip.to, max });
        const note = () => ({ ...slip, link: link.input.value.trim(), from: from.input.value, to: to.input.value });
        const answer = element("div", { role: "status" });
        const check = button("check-slip", words.check, async () => {
            answer.replaceChildren();
            answer.replaceChildren(...answered(await checked(note())));
            answer.scrollIntoView({ block: "nearest" });
        }, "primary");
        const scan = button("scan", words.scan, () => scanSlip(frame, note()));
        const scanned = slip.venue === "" ? null : inItsLanguage("p", slip.venue, "name");
        const nodes = [text(words.explain), buttons(scan), ...(scanned ? [scanned] : []),
            form(check, link.row, from.row, to.row, ...zone(frame)), answer];
        return { name: "slip", title: words.heading, back: () => frame.home(), nodes };
    });
}
function scanSlip(frame, slip) {
    return showScan(frame, {
        title: () => texts.slip.scan,
        explain: () => texts.scan.explain,
        onText: async (link) => {
            const { venue } = await ask("read", { link });
            await showForm(frame, { ...slip, link, venue: nameOf(venue) });
        },
        back: () => void showForm(frame, slip),
    });
}
async function checked({ link, from, to }) {
    if (link === "") {
        throw new Refusal({ code: "no-link", detail: "no code was scanned" });
    }
    const [arrival, departure] = [fromField(from), fromField(to)];
    if (arrival === null || departure === null) {
        throw new Refusal({ code: "wrong-time", detail: "a time is missing" });
    }
    return ask("check-slip", { link, from: arrival, to: departure }).catch((error) => {
        throw ofThen(error);
    });
}
function zone(frame) {
    const here = ownZone(now(), zoneOf(frame.state));
    return here === null ? [] : [aside(texts.slip.zone(here))];
}
function answered({ warned, lookedAt }) {
    const { slip: words } = texts;
    if (warned.length === 0) {
        return [element("div", { class: "card good", "data-slip": "nothing" }, text(words.nothing(moment(lookedAt))), text(words.kept))];
    }
    return [element("div", { class: "card alarm", "data-slip": "warned" }, element("h2", {}, words.warned), ...warned.map(ofSlip), text(words.kept))];
}
function ofSlip(notice) {
    const card = noticeCard(notice, false);
    delete card.dataset["notice"];
    return card;
}
