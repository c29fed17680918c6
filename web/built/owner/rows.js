import { Unclosed, folded, read } from "./spreadsheet.js";
import { words } from "./texts.js";
import { mistakesIn } from "./venue-form.js";
const COLUMNS = ["name", "address", "room", "kind", "stay", "from", "to"];
const REQUIRED = ["name", "address"];
export const MOST_ROOMS = 300;
export const EXAMPLE = [
    "name,address,room,kind,stay",
    "Karaoke Example,5 Example Street,101,karaoke,2h",
    "Karaoke Example,5 Example Street,102,karaoke,90m",
].join("\r\n");
export function roomsIn(text) {
    let lines;
    try {
        lines = read(text, (name) => columnOf(name) !== undefined);
    }
    catch (error) {
        if (!(error instanceof Unclosed)) {
            throw error;
        }
        return { rooms: [], mistakes: [{ line: error.line, told: words.many.unclosed }] };
    }
    const [heading, ...rest] = lines;
    const columns = columnsOf(heading?.cells ?? []);
    if (typeof columns === "string") {
        return { rooms: [], mistakes: [{ line: heading?.line ?? 1, told: columns }] };
    }
    if (rest.length === 0 || rest.length > MOST_ROOMS) {
        const told = rest.length === 0 ? words.many.noRows : words.many.tooMany(MOST_ROOMS);
        return { rooms: [], mistakes: [{ line: 1, told }] };
    }
    const seen = new Map();
    const rooms = [];
    const mistakes = [];
    for (const { line, cells } of rest) {
        const tell = (told) => void mistakes.push({ line, told });
        if (cells.length > columns.length) {
            tell(words.many.tooManyCells);
            continue;
        }
        const row = new Map(columns.map((column, place) => [column, cells[place] ?? ""]));
        const reads = JSON.stringify(COLUMNS.map((column) => folded(row.get(column) ?? "")));
        const same = seen.get(reads);
        seen.set(reads, same ?? line);
        if (same !== undefined) {
            tell(words.many.sameAs(same));
            continue;
        }
        const { form, wrong } = formOf(row);
        const all = new Map([...mistakesIn(form), ...wrong]);
        all.forEach((told, column) => tell(words.many.inColumn(column, told)));
        rooms.push({ line, form });
    }
    return { rooms, mistakes };
}
function columnOf(name) {
    return COLUMNS.find((column) => column === folded(name));
}
function columnsOf(heading) {
    const columns = [];
    for (const name of heading) {
        const column = columnOf(name);
        if (column === undefined) {
            return words.many.unknownColumn(name);
        }
        if (columns.includes(column)) {
            return words.many.twiceColumn(column);
        }
        columns.push(column);
    }
    const missing = REQUIRED.find((column) => !columns.includes(column));
    return missing === undefined ? columns : words.many.missingColumn(missing);
}
function formOf(row) {
    const wrong = new Map();
    const cell = (part) => row.get(part) ?? "";
    const given = (part, parse, told) => {
        const value = cell(part) === "" ? null : parse(cell(part));
        if (value === null && cell(part) !== "") {
            wrong.set(part, told);
        }
        return value;
    };
    const form = {
        name: cell("name"),
        address: cell("address"),
        room: cell("room"),
        kind: cell("kind") || null,
        typicalStayMinutes: given("stay", minutesIn, words.form.badStay),
        validFrom: given("from", (text) => timeIn(text, 0), words.form.badTime),
        validUntil: given("to", (text) => timeIn(text, 1), words.form.badTime),
    };
    return { form, wrong };
}
export function minutesIn(text) {
    const found = /^(?:(\d{1,2})\s*h)?\s*(?:(\d{1,3})\s*m(?:in)?)?$/.exec(text.normalize("NFKC").toLowerCase());
    const [, hours, minutes] = found ?? [];
    return hours === undefined && minutes === undefined ? null : Number(hours ?? 0) * 60 + Number(minutes ?? 0);
}
export function timeIn(text, days) {
    const plain = text.normalize("NFKC");
    const found = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ]+(\d{1,2}):(\d{2}))?$/.exec(plain);
    if (found === null) {
        return null;
    }
    const [year, month, day, hour, minute] = found.slice(1).map((part) => Number(part ?? Number.NaN));
    const hasTime = !Number.isNaN(hour);
    const date = new Date(year, month - 1, hasTime ? day : day + days, hasTime ? hour : 0, hasTime ? minute : 0);
    const isReal = new Date(year, month - 1, day).getMonth() === month - 1 && (!hasTime || (hour < 24 && minute < 60));
    return isReal ? Math.floor(date.getTime() / 1000) : null;
}
