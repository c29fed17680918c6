// Many rooms at once: a spreadsheet comes in, an archive of posters and private sheets goes out. Each
// room has codes of its own that nothing ties to another's.

import type { NewVenue } from "../ask.js";
import { buttons, element, facts, filePicker, more, note, section, text } from "../elements.js";
import type { Frame } from "../frame.js";
import { ask } from "../phone.js";
import { save } from "../saving.js";
import { texts } from "../texts.js";
import { type Stored, archive } from "../archive.js";
import { languageTicks } from "./languages.js";
import { Guard } from "./leaving.js";
import { linkWarning } from "./link-warning.js";
import { showOwner } from "./owner.js";
import { draw, fileName, inOrder, usualLanguages } from "./papers.js";
import { type Paper, Press, PressFailure } from "./press.js";
import { EXAMPLE, type Mistake, type Room, roomsIn } from "./rows.js";
import { textOf } from "./spreadsheet.js";
import { act, pressSentence } from "./telling.js";
import { speak, words } from "./texts.js";

/** More mistakes than this are counted, not shown. */
const SHOWN = 20;
/** A spreadsheet for as many rooms as are taken at once is far smaller. */
const LONGEST_FILE = 1_000_000;

type Poster = "poster" | "tent" | "slips";
const PAPERS: Record<Poster, Paper> = { poster: "a4", tent: "tent", slips: "slips" };

export async function showRooms(frame: Frame): Promise<void> {
  const many = new Many(frame);
  await frame.show(() => many.draw(), () => many.end());
}

class Many {
  #frame: Frame;
  #press = new Press();
  #languages = new Set(usualLanguages());
  #papers = new Set<Poster>(["poster"]);
  #name = "";
  #text: string | null = null;
  #files: Stored[] = [];
  #rooms = 0;
  #guard: Guard | null = null;
  #picker: HTMLElement = element("div");
  #place = element("div");

  constructor(frame: Frame) {
    this.#frame = frame;
  }

  async draw() {
    await speak();
    const { many } = words;
    this.#place = element("div");
    this.#picker = filePicker("choose-csv", many.file, ".csv,text/csv", (file) => this.#choose(file));
    const kinds = Object.entries(texts.kinds).map(([name, told]) => [name, told] as const);
    const example = act("save-example", many.example, () => save("rooms.csv", "text/csv", `\uFEFF${EXAMPLE}\r\n`));
    const authority = this.#frame.state?.own ?? this.#frame.state?.authorities[0] ?? null;
    const warning = authority === null ? null : linkWarning(authority.url);
    const nodes = [
      text(many.explain),
      ...(warning === null ? [] : [warning]),
      section(many.columns, text(many.columnsWhy),
        more("kinds", many.kinds, facts(...kinds)), buttons(example)),
      this.#picker,
      this.#place,
    ];
    this.#show();
    return { name: "rooms", title: many.heading, back: () => void showOwner(this.#frame), nodes };
  }

  end(): void {
    this.#guard?.lift();
    this.#press.end();
    this.#files = [];
  }

  async #choose(file: File): Promise<void> {
    const isShort = file.size <= LONGEST_FILE;
    this.#name = file.name;
    this.#text = isShort ? textOf(await file.arrayBuffer()) : null;
    this.#show();
  }

  /** What the file says: its mistakes, or its rooms and what to print for them. */
  #show(): void {
    // Another file would throw away what was made and not saved.
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

  #wrong(mistakes: Mistake[]): HTMLElement {
    const { many } = words;
    const rows = mistakes.slice(0, SHOWN).map(({ line, told }) =>
      element("li", { "data-line": line }, many.line(line, told)));
    const rest = mistakes.length - rows.length;
    return element("section", { class: "card alarm", role: "alert", "data-problem": "bad-form" },
      element("h2", {}, many.mistakes), note(this.#name),
      element("ul", {}, ...rows), rest > 0 ? note(many.more(rest)) : null);
  }

  #offer(rooms: Room[]): HTMLElement {
    const { many, print } = words;
    const progress = element("p", { class: "note", role: "status" });
    const list = rooms.map(({ form }) => element("li", {},
      element("span", { lang: "" }, [form.name, form.room].filter((part) => part !== "").join(", "))));
    const tick = (paper: Poster, label: string): HTMLElement => {
      const id = `paper-${paper}`;
      const input = element("input", { type: "checkbox", id, "data-do": id, checked: this.#papers.has(paper) });
      input.addEventListener("change", () => {
        if (input.checked) {
          this.#papers.add(paper);
        } else {
          this.#papers.delete(paper);
        }
      });
      return element("div", { class: "tick" }, input, element("label", { for: id }, label));
    };
    const make = act("make", many.make, () => this.#make(rooms, progress), () => words.form.problems, "primary large");
    return section(many.read(this.#name, rooms.length),
      element("ul", { class: "rows" }, ...list),
      element("div", { role: "group", "aria-labelledby": "papers" }, element("h3", { id: "papers" }, many.papers),
        tick("poster", print.poster), tick("tent", print.tent), tick("slips", print.slips)),
      languageTicks(this.#languages), progress, buttons(make));
  }

  async #make(rooms: Room[], progress: HTMLElement): Promise<void> {
    const { many } = words;
    const files: Stored[] = [];
    const mistakes: Mistake[] = [];
    const [papers, languages] = [[...this.#papers], [...this.#languages]];
    for (const [done, { line, form }] of rooms.entries()) {
      progress.textContent = many.making(done, rooms.length);
      const venue = await ask("set-up-venue", { form, languages: inOrder(languages) });
      const number = String(done + 1).padStart(String(rooms.length).length, "0");
      try {
        files.push(...(await this.#filesOf(venue, number, papers, languages)));
      } catch (error) {
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
    // Whoever has left the screen meanwhile wants none of it.
    if (this.#frame.name === "rooms" && this.#place.isConnected) {
      this.#files = files;
      this.#rooms = rooms.length;
      this.#guard = new Guard(this.#frame);
      this.#show();
    }
  }

  async #filesOf(venue: NewVenue, number: string, papers: Poster[], languages: ReturnType<typeof usualLanguages>): Promise<Stored[]> {
    const { privateFolder, postersFolder } = words.many;
    const files: Stored[] = [];
    const all = [...papers.map((name) => [postersFolder, name, PAPERS[name]] as const), [privateFolder, "private", "sheet"] as const];
    for (const [folder, name, paper] of all) {
      const bytes = await draw(this.#press, paper, venue, languages);
      files.push({ path: `${folder}/${number}-${fileName(venue, name)}.pdf`, bytes });
    }
    return files;
  }

  #made(): HTMLElement {
    const { many } = words;
    const keep = act("save", many.save, () => {
      const [bytes, day] = [new Blob(archive(this.#files, new Date())), new Date().toLocaleDateString("sv-SE")];
      save(`noren-rooms-${day}.zip`, "application/zip", bytes);
      this.#guard?.lift();
      this.#frame.say(many.saved);
    }, undefined, "primary large");
    return element("section", { class: "card good" }, element("h2", {}, many.made(this.#rooms)),
      text(many.madeWhy), buttons(keep));
  }
}

/** Whether another room could still be drawn. */
function isOfThisRoom({ problem }: PressFailure): boolean {
  return problem === "missing-character" || problem === "code-too-long" || problem === "place";
}
