import { button, buttons, element, text } from "../elements.js";
import { words } from "./texts.js";
export class Guard {
    #frame;
    #beforeUnload = (event) => event.preventDefault();
    constructor(frame) {
        this.#frame = frame;
        frame.mayLeave = reallyLeave;
        addEventListener("beforeunload", this.#beforeUnload);
    }
    lift() {
        removeEventListener("beforeunload", this.#beforeUnload);
        if (this.#frame.mayLeave === reallyLeave) {
            this.#frame.mayLeave = null;
        }
    }
}
function reallyLeave() {
    return new Promise((resolve) => {
        const heading = element("h2", { id: "leaving" }, words.leaving.heading);
        const answer = (isLeaving) => () => {
            dialog.close();
            dialog.remove();
            resolve(isLeaving);
        };
        const stay = button("stay", words.leaving.stay, answer(false), "primary");
        const leave = button("leave", words.leaving.leave, answer(true), "danger");
        const dialog = element("dialog", { class: "card", "aria-labelledby": "leaving", oncancel: answer(false) }, heading, text(words.leaving.explain), buttons(stay, leave));
        document.body.append(dialog);
        dialog.showModal();
    });
}
