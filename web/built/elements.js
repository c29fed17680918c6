import { Refusal } from "./phone.js";
import { ScanFailure } from "./scan-failure.js";
import { texts } from "./texts.js";
const WRITTEN_DOWN = new Set(["form", "input", "select", "textarea"]);
export function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    if (WRITTEN_DOWN.has(tag)) {
        made.setAttribute("autocomplete", "off");
    }
    for (const [name, value] of Object.entries(attributes)) {
        if (typeof value === "function") {
            made.addEventListener(name.slice(2), value);
        }
        else if (value !== null && value !== false) {
            made.setAttribute(name, value === true ? "" : String(value));
        }
    }
    made.append(...children.filter((child) => child !== null).map((child) => (typeof child === "string" ? child.replace(UNSEEN, "\u{fffd}") : child)));
    return made;
}
const UNSEEN = /[\u{ad}\u{34f}\u{61c}\u{115f}\u{1160}\u{17b4}\u{17b5}\u{180e}\u{200b}\u{200e}\u{200f}\u{2028}-\u{202e}\u{2060}-\u{206f}\u{2800}\u{3164}\u{feff}\u{ffa0}\u{fff9}-\u{fffb}\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e007f}]/gu;
export function text(...children) {
    return element("p", {}, ...children);
}
export function note(...children) {
    return element("p", { class: "note" }, ...children);
}
export function list(...items) {
    return element("ul", {}, ...items.map((item) => element("li", {}, item)));
}
export function facts(...pairs) {
    const told = pairs.filter(([, value]) => value !== null && value !== "");
    const rows = told.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value)));
    return element("dl", { class: "facts" }, ...rows);
}
export function section(heading, ...children) {
    return element("section", { class: "card" }, element("h2", {}, heading), ...children);
}
export function buttons(...children) {
    return element("div", { class: "buttons" }, ...children);
}
export function button(does, label, press, look = "") {
    const made = element("button", { type: "button", "data-do": does, class: look || null }, label);
    made.addEventListener("click", () => void run(made, press));
    return made;
}
export function form(press, ...children) {
    const entered = (event) => {
        const { target } = event;
        const isText = target instanceof HTMLInputElement && target.type !== "file" && target.type !== "checkbox";
        if (isText && event.key === "Enter" && !event.isComposing) {
            event.preventDefault();
            press.click();
        }
    };
    const attributes = { novalidate: true, onkeydown: entered, onsubmit: (event) => event.preventDefault() };
    return element("form", attributes, ...children, buttons(press));
}
export function field(name, label, given = {}) {
    const { hint, ...attributes } = given;
    const input = element("input", { id: fresh(name), "data-field": name, ...attributes });
    return { row: labelled(input, label, hint), input };
}
export function lines(name, label, given = {}) {
    const { hint, ...attributes } = given;
    const input = element("textarea", { id: fresh(name), "data-field": name, rows: 3, ...attributes });
    return { row: labelled(input, label, hint), input };
}
export function choice(name, label, options, chosen = "") {
    const all = options.map(([value, words]) => element("option", { value, selected: value === chosen }, words));
    const input = element("select", { id: fresh(name), "data-field": name }, ...all);
    return { row: labelled(input, label), input };
}
export function tick(does, label, isOn, change) {
    const input = element("input", { type: "checkbox", id: fresh(does), "data-do": does, checked: isOn });
    const changed = async () => {
        const before = !input.checked;
        await change(input.checked).catch((error) => {
            input.checked = before;
            throw error;
        });
    };
    input.addEventListener("change", () => void run(input, changed));
    return element("div", { class: "tick" }, input, element("label", { for: input.id }, label));
}
export function filePicker(does, label, accept, picked) {
    const input = element("input", { type: "file", id: fresh(does), "data-do": does, accept });
    const changed = async () => {
        const file = input.files?.[0];
        if (file !== undefined) {
            await picked(file).finally(() => (input.value = ""));
        }
    };
    input.addEventListener("change", () => void run(input, changed));
    return element("div", { class: "field" }, element("label", { for: input.id }, label), input);
}
export function more(does, summary, ...children) {
    return element("details", { "data-do": does }, element("summary", { "data-do": `open-${does}` }, summary), ...children);
}
export function tellProblem(near, error) {
    untell();
    const code = codeOf(error);
    const told = problem(code, error instanceof Refusal ? error.detail : "");
    (near.closest(".buttons, .field, .tick") ?? near).before(told);
    told.scrollIntoView({ block: "nearest" });
}
export function untell() {
    document.querySelectorAll(".problem.told").forEach((told) => told.remove());
}
export function problem(code, detail = "") {
    const told = element("p", { class: "problem told", role: "alert", "data-problem": code }, texts.problems[code]);
    if (detail !== "" && (code === "defect" || code === "refused-log" || code === "bad-form")) {
        told.append(element("small", { lang: "en" }, detail));
    }
    if (code === "elsewhere") {
        told.append(" ", element("a", { href: detail, rel: "noreferrer" }, detail));
    }
    return told;
}
function codeOf(error) {
    if (error instanceof Refusal) {
        return error.code;
    }
    return error instanceof ScanFailure ? error.problem : "defect";
}
async function run(pressed, press) {
    if (pressed.getAttribute("aria-busy") === "true") {
        return;
    }
    untell();
    pressed.setAttribute("aria-busy", "true");
    try {
        await press();
    }
    catch (error) {
        tellProblem(pressed, error);
    }
    finally {
        pressed.removeAttribute("aria-busy");
    }
}
function labelled(input, label, hint) {
    const row = element("div", { class: "field" }, element("label", { for: input.id }, label), input);
    if (hint !== undefined) {
        const told = element("span", { class: "note", id: `${input.id}-hint` }, hint);
        input.setAttribute("aria-describedby", told.id);
        input.before(told);
    }
    return row;
}
let made = 0;
function fresh(name) {
    made += 1;
    return `${name}-${made}`;
}
