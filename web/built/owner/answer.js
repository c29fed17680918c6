import { buttons, element, facts, field, filePicker, form, lines, more, section, text } from "../elements.js";
import { ask } from "../phone.js";
import { Scanner } from "../scan.js";
import { showScan } from "../scanning.js";
import { HOUR, clocks, inZone, span } from "../times.js";
import { nameOf } from "../venue.js";
import { mistyped } from "./codes.js";
import { mark, unmark } from "./marks.js";
import { showOwner } from "./owner.js";
import { act, telling } from "./telling.js";
import { speak, words } from "./texts.js";
export function showAnswer(frame) {
    return show(frame, { trace: "", venue: null, uploadCode: "", windowCode: "", handover: null, isSent: false });
}
function show(frame, known) {
    return frame.show(async () => {
        await speak();
        const { reply } = words;
        const back = () => void showOwner(frame);
        const nodes = known.isSent ? sent(frame, known) : new Answer(frame, known).nodes;
        return { name: "answer", title: known.isSent ? reply.sentHeading : reply.heading, back, nodes };
    });
}
class Answer {
    nodes;
    #frame;
    #known;
    #sheet = element("section", { class: "card" });
    #codes = element("div");
    #handover = element("div");
    constructor(frame, known) {
        this.#frame = frame;
        this.#known = known;
        this.nodes = [text(words.reply.explain), this.#sheet, this.#codes, this.#handover];
        this.#drawSheet();
        this.#drawCodes();
        this.#drawHandover();
    }
    #drawSheet() {
        const { reply } = words;
        const scan = act("scan", this.#known.trace === "" ? reply.scan : reply.another, () => this.#scan(), undefined, this.#known.trace === "" ? "primary" : "");
        const picture = filePicker("choose-picture", reply.picture, "image/*", (file) => telling(() => picture, async () => this.#take(await new Scanner(() => { }).readPicture(file)), () => reply.problems));
        const typed = lines("trace", reply.trace, { autocomplete: "off", autocapitalize: "off", spellcheck: "false" });
        const take = act("read-sheet", reply.take, async () => {
            await this.#take(typed.input.value);
            typed.input.value = "";
        }, () => reply.problems);
        const { venue } = this.#known;
        const isRead = venue === null ? null
            : element("p", { class: "lead", role: "status" }, `✓ ${reply.isRead(nameOf(venue))}`);
        this.#sheet.replaceChildren(element("h2", {}, reply.sheet), ...[isRead].filter((each) => each !== null), buttons(scan), picture, more("paste-sheet", reply.paste, form(take, typed.row)));
    }
    #scan() {
        const { reply } = words;
        return showScan(this.#frame, {
            title: () => reply.scanHeading,
            explain: () => reply.scanExplain,
            onText: async (read) => {
                await show(this.#frame, { ...this.#known, ...(await sheetIn(read)), handover: null });
            },
            back: () => void show(this.#frame, this.#known),
        });
    }
    async #take(read) {
        Object.assign(this.#known, await sheetIn(read));
        this.#known.handover = null;
        this.#drawSheet();
        this.#drawCodes();
        this.#drawHandover();
        this.#codes.querySelector("input")?.focus();
    }
    #drawCodes() {
        const { reply } = words;
        const known = this.#known;
        if (known.trace === "") {
            this.#codes.replaceChildren();
            return;
        }
        const symbols = { autocomplete: "off", autocapitalize: "characters", spellcheck: "false" };
        const upload = field("upload-code", reply.uploadCode, { ...symbols, value: known.uploadCode, hint: reply.uploadHint });
        const window = field("window-code", reply.windowCode, { ...symbols, value: known.windowCode, hint: reply.windowHint });
        const typed = () => {
            [known.uploadCode, known.windowCode] = [upload.input.value, window.input.value];
            known.handover = null;
            this.#drawHandover();
        };
        [upload, window].forEach(({ row, input }) => input.addEventListener("input", () => {
            unmark(row, input);
            typed();
        }));
        const markThem = (told) => {
            for (const [field, mistake] of [[window, told.window], [upload, told.upload]]) {
                unmark(field.row, field.input);
                if (mistake !== null) {
                    mark(field.row, field.input, mistake);
                    field.input.focus();
                }
            }
        };
        const see = act("see-handover", reply.see, async () => {
            known.handover = null;
            this.#drawHandover();
            const told = mistyped(known.uploadCode, known.windowCode);
            if (told !== null) {
                markThem(told);
                return;
            }
            known.handover = await ask("see-handover", { trace: known.trace, codes: codesOf(known) });
            this.#drawHandover();
        }, () => ({ ...reply.problems, offline: words.form.problems.offline ?? "" }), "primary");
        this.#codes.replaceChildren(section(reply.codes, text(reply.codesWhy), form(see, upload.row, window.row)));
    }
    #drawHandover() {
        const { reply } = words;
        const { handover } = this.#known;
        if (handover === null) {
            this.#handover.replaceChildren();
            return;
        }
        const heading = element("h2", { tabindex: -1 }, reply.willSend);
        const handOver = act("hand-over", reply.handOver, () => this.#handOver(), () => reply.problems, "primary large");
        const card = element("section", { class: "card good" }, heading, handoverFacts(handover), buttons(handOver), text(reply.authoritySees), text(reply.serverSees));
        this.#handover.replaceChildren(card);
        heading.focus({ preventScroll: true });
        card.scrollIntoView({ block: "start" });
    }
    async #handOver() {
        const known = this.#known;
        await ask("hand-over", { trace: known.trace, codes: codesOf(known) });
        await show(this.#frame, { trace: "", venue: null, uploadCode: "", windowCode: "", handover: known.handover, isSent: true });
        Object.assign(known, { trace: "", venue: null, uploadCode: "", windowCode: "" });
    }
}
function sent(frame, { handover }) {
    const { reply } = words;
    const done = act("done", reply.done, () => frame.home(), undefined, "primary large");
    return [
        element("section", { class: "card good", "data-answer": "sent" }, element("p", { class: "lead" }, `✓ ${reply.sent(handover?.authority.name ?? "")}`), ...(handover === null ? [] : [handoverFacts(handover)]), text(reply.sentMeans)),
        text(reply.photo),
        buttons(done),
    ];
}
function handoverFacts({ venue, authority, from, to, keys }) {
    const { reply } = words;
    const name = element("span", { lang: "" }, nameOf(venue));
    return facts([reply.venue, name], [reply.hours, hours(from, to, authority.timeZone)], [reply.keys, String(keys)], [reply.to, `${authority.name} (${new URL(authority.url).host})`]);
}
function hours(from, to, timeZone) {
    const asked = inZone(span(from, to, timeZone), from, timeZone);
    const [first, last] = [Math.floor(from / HOUR) * HOUR, Math.ceil(to / HOUR) * HOUR];
    const isWhole = first === from && last === to;
    return element("div", {}, asked, ...(isWhole ? [] : [element("br"), words.reply.wholeHours(clocks(first, last, timeZone))]));
}
function codesOf({ uploadCode, windowCode }) {
    return `${uploadCode.trim()} ${windowCode.trim()}`;
}
async function sheetIn(read) {
    const trace = read.trim();
    return { trace, venue: await ask("read-sheet", { trace }) };
}
