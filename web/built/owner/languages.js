import { element, note } from "../elements.js";
import { LANGUAGES } from "../texts.js";
import { MOST_LANGUAGES } from "./papers.js";
import { words } from "./texts.js";
export function languageTicks(chosen) {
    const ticks = Object.entries(LANGUAGES).map(([value, name]) => {
        const id = `print-${value}`;
        const input = element("input", { type: "checkbox", id, "data-do": id, checked: chosen.has(value) });
        input.addEventListener("change", () => {
            if (input.checked) {
                chosen.add(value);
            }
            else {
                chosen.delete(value);
            }
            limit();
        });
        return { value, input, row: element("div", { class: "tick" }, input, element("label", { for: id, lang: value }, name)) };
    });
    const limit = () => {
        const isFull = chosen.size >= MOST_LANGUAGES;
        ticks.forEach(({ value, input }) => (input.disabled = chosen.has(value) ? chosen.size === 1 : isFull));
    };
    limit();
    return element("div", { role: "group", "aria-labelledby": "print-languages" }, element("h3", { id: "print-languages" }, words.print.languages), note(words.print.languagesWhy), ...ticks.map(({ row }) => row));
}
