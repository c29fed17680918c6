import { element } from "../elements.js";
export function mark(row, input, mistake) {
    const told = element("span", { class: "problem", id: `${input.id}-mistake`, "data-problem": "bad-form" }, mistake);
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", [input.getAttribute("aria-describedby"), told.id].filter(Boolean).join(" "));
    row.append(told);
}
export function unmark(row, input) {
    const told = row.querySelector("[data-problem]");
    if (told === null) {
        return;
    }
    const rest = (input.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id !== told.id);
    input.setAttribute("aria-describedby", rest.join(" "));
    input.removeAttribute("aria-invalid");
    told.remove();
}
