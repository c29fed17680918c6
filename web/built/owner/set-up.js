import { choice, element, field, form, note, text } from "../elements.js";
import { ask } from "../phone.js";
import { texts } from "../texts.js";
import { HOUR, MINUTE, fromField, length, now, toField } from "../times.js";
import { linkWarning } from "./link-warning.js";
import { mark, unmark } from "./marks.js";
import { showOwner } from "./owner.js";
import { usualLanguages } from "./papers.js";
import { showPrint } from "./print.js";
import { act } from "./telling.js";
import { speak, words } from "./texts.js";
import { MOST, characters, mistakesIn } from "./venue-form.js";
const STAYS = [15, 30, 45, 60, 90, 120, 150, 180, 240, 360, 480, 720];
const USUAL_STAYS = {
    restaurant: 120, bar: 180, nightclub: 240, "live-house": 180, "sports-club": 120, gym: 120, bowling: 120,
    karaoke: 180, "dance-hall": 180, theatre: 180, cinema: 180, shop: 30, event: 180, school: 480, office: 480,
};
export function showSetUp(frame) {
    const start = Math.ceil(now() / HOUR) * HOUR;
    const typed = {
        name: "", address: "", room: "", kind: "", stay: "", valid: "year",
        from: toField(start), to: toField(start + 3 * HOUR),
    };
    return frame.show(async () => {
        await speak();
        const back = () => void showOwner(frame);
        return { name: "set-up", title: words.form.heading, back, nodes: new Form(frame, typed).nodes };
    });
}
class Form {
    nodes;
    #typed;
    #isStayChosen;
    #rows;
    constructor(frame, typed) {
        const { form: told } = words;
        this.#typed = typed;
        this.#isStayChosen = typed.stay !== String(USUAL_STAYS[typed.kind] ?? "");
        const kinds = Object.entries(texts.kinds);
        const stays = STAYS.map((minutes) => [String(minutes), length(minutes * MINUTE)]);
        const off = { autocomplete: "off", required: true };
        this.#rows = {
            name: field("name", told.name, { ...off, hint: told.nameHint }),
            address: field("address", told.address, off),
            room: field("room", told.room, { autocomplete: "off", hint: told.roomHint }),
            kind: choice("kind", told.kind, [["", told.noKind], ...kinds], typed.kind),
            stay: choice("stay", told.stay, [["", told.noStay], ...stays], typed.stay),
            valid: choice("valid", told.valid, [["year", told.year], ["event", told.event]], typed.valid),
            from: field("from", told.from, { type: "datetime-local" }),
            to: field("to", told.to, { type: "datetime-local" }),
        };
        for (const [part, row] of Object.entries(this.#rows)) {
            row.input.value = typed[part];
            row.input.addEventListener("input", () => this.#type(part, row));
        }
        ["name", "address", "room"].forEach((part) => this.#rows[part].row.append(this.#counter(part)));
        this.#rows.stay.row.append(note(told.stayHint));
        this.#showTimes();
        const make = act("make", told.make, () => this.#make(frame), () => told.problems, "primary large");
        const authority = frame.state?.own ?? frame.state?.authorities[0] ?? null;
        const warning = authority === null ? null : linkWarning(authority.url);
        this.nodes = [
            text(told.explain),
            ...(warning === null ? [] : [warning]),
            ...(authority === null ? [] : [note(told.for(authority.name))]),
            form(make, ...Object.values(this.#rows).map(({ row }) => row)),
        ];
    }
    #type(part, { row, input }) {
        this.#typed[part] = input.value;
        unmark(row, input);
        if (part === "valid") {
            this.#showTimes();
        }
        if (part === "stay") {
            this.#isStayChosen = true;
        }
        else if (part === "kind" && !this.#isStayChosen) {
            this.#typed.stay = String(USUAL_STAYS[input.value] ?? "");
            this.#rows.stay.input.value = this.#typed.stay;
        }
    }
    #showTimes() {
        const isEvent = this.#typed.valid === "event";
        this.#rows.from.row.hidden = !isEvent;
        this.#rows.to.row.hidden = !isEvent;
    }
    #counter(part) {
        const most = MOST[part];
        const counter = element("span", { class: "note" });
        const count = () => {
            const there = characters(this.#typed[part]);
            counter.textContent = words.form.counted(there, most);
            counter.className = there > most ? "due" : "note";
            counter.setAttribute("aria-live", there > most ? "polite" : "off");
        };
        this.#rows[part].input.addEventListener("input", count);
        count();
        return counter;
    }
    async #make(frame) {
        const asked = this.#form();
        const mistakes = mistakesIn(asked);
        if (this.#typed.valid === "event") {
            ["from", "to"].forEach((part) => {
                if (fromField(this.#typed[part]) === null) {
                    mistakes.set(part, words.form.missing);
                }
            });
        }
        if (mistakes.size > 0) {
            this.#mark(mistakes);
            return;
        }
        const venue = await ask("set-up-venue", { form: asked, languages: usualLanguages() });
        await showPrint(frame, venue);
    }
    #form() {
        const { name, address, room, kind, stay, valid, from, to } = this.#typed;
        const isEvent = valid === "event";
        return {
            name: name.trim(),
            address: address.trim(),
            room: room.trim(),
            kind: kind || null,
            typicalStayMinutes: stay === "" ? null : Number(stay),
            validFrom: isEvent ? fromField(from) : null,
            validUntil: isEvent ? fromField(to) : null,
        };
    }
    #mark(mistakes) {
        let first = null;
        for (const [part, { row, input }] of Object.entries(this.#rows)) {
            unmark(row, input);
            const mistake = mistakes.get(part);
            if (mistake !== undefined) {
                mark(row, input, mistake);
                first ??= input;
            }
        }
        first?.focus();
    }
}
