import { buttons, element, facts, filePicker, more, note, section, text } from "../elements.js";
import { ask } from "../phone.js";
import { save } from "../saving.js";
import { texts } from "../texts.js";
import { archive } from "../archive.js";
import { languageTicks } from "./languages.js";
import { Guard } from "./leaving.js";
import { linkWarning } from "./link-warning.js";
import { showOwner } from "./owner.js";
import { draw, fileName, inOrder, usualLanguages } from "./papers.js";
import { Press, PressFailure } from "./press.js";
import { EXAMPLE, roomsIn } from "./rows.js";
import { textOf } from "./spreadsheet.js";
import { act, pressSentence } from "./telling.js";
import { speak, words } from "./texts.js";
const SHOWN = 20;
const LONGEST_FILE = 1_000_000;
const PAPERS = { poster: "a4", tent: "tent", slips: "slips" };
export async function showRooms(frame) {
    const many = new Many(frame);
    await frame.show(() => many.draw(), () => many.end());
}
class Many {
    #frame;
    #press = new Press();
    #languages = new Set(usualLanguages());
    #papers = new Set(["poster"]);
    #name = "";
    #text = null;
    #files = [];
    #rooms = 0;
    #guard = null;
    #picker = element("div");
    #place = element("div");
    constructor(frame) {
        this.#frame = frame;
    }
    async draw() {
        await speak();
        const { many } = words;
        this.#place = element("div");
        this.#picker = filePicker("choose-csv", many.file, ".csv,text/csv", (file) => this.#choose(file));
        const kinds = Object.entries(texts.kinds).map(([name, told]) => [name, told]);
        const example = act("save-example", many.example, () => save("rooms.csv", "text/csv", `\uFEFF${EXAMPLE}\r\n`));
        const authority = this.#frame.state?.own ?? this.#frame.state?.authorities[0] ?? null;
        const warning = authority === null ? null : linkWarning(authority.url);
        const nodes = [
            text(many.explain),
            ...(warning === null ? [] : [warning]),
            section(many.columns, text(many.columnsWhy), more("kinds", many.kinds, facts(...kinds)), buttons(example)),
            this.#picker,
            this.#place,
        ];
        this.#show();
        return { name: "rooms", title: many.heading, back: () => void showOwner(this.#frame), nodes };
    }
    end() {
        this.#guard?.lift();
        this.#press.end();
        this.#files = [];
    }
    async #choose(file) {
        const isShort = file.size <= LONGEST_FILE;
        this.#name = file.name;
        this.#text = isShort ? textOf(await file.arrayBuffer()) : null;
        this.#show();
    }
    #show() {
        this.#picker.hidden = this.#files.length > 0;
        if (this.#files.length > 0) {
            this.#place.replaceChildren(this.#made());
            return;
        }
        if (this.#name === "") {
            return;
        }
        if (this.#text === null) {
            this.#place.replaceChildren(this.#wrong([{ line: 1, told: words.many.notText }]));
            return;
        }
        const { rooms, mistakes } = roomsIn(this.#text);
        this.#place.replaceChildren(mistakes.length > 0 ? this.#wrong(mistakes) : this.#offer(rooms));
    }
    #wrong(mistakes) {
        const { many } = words;
        const rows = mistakes.slice(0, SHOWN).map(({ line, told }) => element("li", { "data-line": line }, many.line(line, told)));
        const rest = mistakes.length - rows.length;
        return element("section", { class: "card alarm", role: "alert", "data-problem": "bad-form" }, element("h2", {}, many.mistakes), note(this.#name), element("ul", {}, ...rows), rest > 0 ? note(many.more(rest)) : null);
    }
    #offer(rooms) {
        const { many, print } = words;
        const progress = element("p", { class: "note", role: "status" });
        const list = rooms.map(({ form }) => element("li", {}, element("span", { lang: "" }, [form.name, form.room].filter((part) => part !== "").join(", "))));
        const tick = (paper, label) => {
            const id = `paper-${paper}`;
            const input = element("input", { type: "checkbox", id, "data-do": id, checked: this.#papers.has(paper) });
            input.addEventListener("change", () => {
                if (input.checked) {
                    this.#papers.add(paper);
                }
                else {
                    this.#papers.delete(paper);
                }
            });
            return element("div", { class: "tick" }, input, element("label", { for: id }, label));
        };
        const make = act("make", many.make, () => this.#make(rooms, progress), () => words.form.problems, "primary large");
        return section(many.read(this.#name, rooms.length), element("ul", { class: "rows" }, ...list), element("div", { role: "group", "aria-labelledby": "papers" }, element("h3", { id: "papers" }, many.papers), tick("poster", print.poster), tick("tent", print.tent), tick("slips", print.slips)), languageTicks(this.#languages), progress, buttons(make));
    }
    async #make(rooms, progress) {
        const { many } = words;
        const files = [];
        const mistakes = [];
        const [papers, languages] = [[...this.#papers], [...this.#languages]];
        for (const [done, { line, form }] of rooms.entries()) {
            progress.textContent = many.making(done, rooms.length);
            const venue = await ask("set-up-venue", { form, languages: inOrder(languages) });
            const number = String(done + 1).padStart(String(rooms.length).length, "0");
            try {
                files.push(...(await this.#filesOf(venue, number, papers, languages)));
            }
            catch (error) {
                if (!(error instanceof PressFailure && isOfThisRoom(error))) {
                    progress.textContent = "";
                    throw error;
                }
                mistakes.push({ line, told: pressSentence(error) });
            }
        }
        progress.textContent = "";
        if (mistakes.length > 0) {
            this.#place.replaceChildren(this.#wrong(mistakes));
            return;
        }
        if (this.#frame.name === "rooms" && this.#place.isConnected) {
            this.#files = files;
            this.#rooms = rooms.length;
            this.#guard = new Guard(this.#frame);
            this.#show();
        }
    }
    async #filesOf(venue, number, papers, languages) {
        const { privateFolder, postersFolder } = words.many;
        const files = [];
        const all = [...papers.map((name) => [postersFolder, name, PAPERS[name]]), [privateFolder, "private", "sheet"]];
        for (const [folder, name, paper] of all) {
            const bytes = await draw(this.#press, paper, venue, languages);
            files.push({ path: `${folder}/${number}-${fileName(venue, name)}.pdf`, bytes });
        }
        return files;
    }
    #made() {
        const { many } = words;
        const keep = act("save", many.save, () => {
            const [bytes, day] = [new Blob(archive(this.#files, new Date())), new Date().toLocaleDateString("sv-SE")];
            save(`noren-rooms-${day}.zip`, "application/zip", bytes);
            this.#guard?.lift();
            this.#frame.say(many.saved);
        }, undefined, "primary large");
        return element("section", { class: "card good" }, element("h2", {}, many.made(this.#rooms)), text(many.madeWhy), buttons(keep));
    }
}
function isOfThisRoom({ problem }) {
    return problem === "missing-character" || problem === "code-too-long" || problem === "place";
}
