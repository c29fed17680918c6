export class Unclosed extends Error {
    line;
    constructor(line) {
        super("a quote is not closed");
        this.line = line;
    }
}
const DELIMITERS = [",", ";", "\t"];
export function textOf(bytes) {
    try {
        return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    }
    catch {
        return null;
    }
}
export function read(text, knownColumn) {
    const heading = text.split(/\r\n|\r|\n/, 1)[0] ?? "";
    const known = (delimiter) => heading.split(delimiter).filter((cell) => knownColumn(unquoted(cell))).length;
    const delimiter = DELIMITERS.reduce((best, next) => (known(next) > known(best) ? next : best));
    return rows(text, delimiter)
        .map(({ line, cells }) => ({ line, cells: withoutEmptyEnd(cells.map(trimmed)) }))
        .filter(({ cells }) => cells.length > 0);
}
export function trimmed(text) {
    return text.replace(/^[\s\p{Default_Ignorable_Code_Point}\u2800]+|[\s\p{Default_Ignorable_Code_Point}\u2800]+$/gu, "");
}
export function folded(text) {
    return text.normalize("NFKC").toLowerCase().normalize("NFKC")
        .replace(/[\s\p{Default_Ignorable_Code_Point}\u2800]/gu, "").replace(/[\p{Pd}\u2212\u30fc]/gu, "-");
}
function unquoted(cell) {
    return cell.replace(/^\s*"|"\s*$/g, "");
}
function withoutEmptyEnd(cells) {
    let length = cells.length;
    while (length > 0 && cells[length - 1] === "") {
        length -= 1;
    }
    return cells.slice(0, length);
}
function rows(text, delimiter) {
    const lines = [];
    let row = { line: 1, cells: [] };
    let cell = "";
    let quotedSince = 0;
    let line = 1;
    const endCell = () => {
        row.cells.push(cell);
        cell = "";
    };
    for (let at = 0; at < text.length; at += 1) {
        const sign = text.charAt(at);
        const isBreak = sign === "\n" || (sign === "\r" && text.charAt(at + 1) !== "\n");
        line += isBreak ? 1 : 0;
        if (quotedSince > 0) {
            if (sign !== '"') {
                cell += sign;
            }
            else if (text.charAt(at + 1) === '"') {
                cell += sign;
                at += 1;
            }
            else {
                quotedSince = 0;
            }
        }
        else if (sign === '"' && cell.trim() === "") {
            cell = "";
            quotedSince = line;
        }
        else if (sign === delimiter) {
            endCell();
        }
        else if (isBreak) {
            endCell();
            lines.push(row);
            row = { line, cells: [] };
        }
        else {
            cell += sign;
        }
    }
    if (quotedSince > 0) {
        throw new Unclosed(quotedSince);
    }
    endCell();
    return [...lines, row];
}
