import { button, element, field, filePicker, form, note, problem, tellProblem, untell } from "./elements.js";
import { ScanFailure } from "./scan-failure.js";
import { Scanner } from "./scan.js";
import { texts } from "./texts.js";
export function showScan(frame, wish) {
    let scanner = null;
    const draw = () => {
        scanner?.stop();
        const view = new View(wish);
        scanner = view.scanner;
        void view.start();
        return { name: "scan", title: wish.title(), back: wish.back, nodes: view.nodes };
    };
    return frame.show(draw, () => scanner?.stop());
}
class View {
    nodes;
    scanner;
    #wish;
    #video = element("video", { muted: true, playsinline: true, "aria-hidden": "true", hidden: true });
    #camera;
    #state;
    #isTaking = false;
    constructor(wish) {
        this.#wish = wish;
        this.scanner = new Scanner((text) => void this.#take(text).catch((error) => tellProblem(this.#state, error)), (failure) => this.#fail(failure));
        this.#state = element("p", { class: "note", role: "status" }, texts.scan.starting);
        this.#camera = element("div", { class: "camera" }, this.#video);
        const picture = filePicker("choose-picture", texts.scan.picture, "image/*", async (file) => {
            await this.#take(await this.scanner.readPicture(file));
        });
        this.nodes = [note(wish.explain()), this.#camera, this.#state, picture];
        if (wish.field) {
            this.nodes.push(this.#linkForm());
        }
    }
    async start() {
        try {
            await this.scanner.start(this.#video);
            this.#state.textContent = "";
            this.#video.hidden = !this.scanner.isRunning;
            if (this.scanner.hasTorch) {
                this.#state.after(this.#light());
            }
        }
        catch (error) {
            this.#fail(error);
        }
    }
    async #take(text) {
        if (this.#isTaking) {
            return;
        }
        this.#isTaking = true;
        untell();
        try {
            await this.#wish.onText(text);
        }
        finally {
            this.#isTaking = false;
        }
    }
    #fail(error) {
        this.#camera.hidden = true;
        const code = error instanceof ScanFailure ? error.problem : "defect";
        this.#state.replaceWith((this.#state = problem(code)));
        this.#state.classList.remove("told");
    }
    #light() {
        let isOn = false;
        const light = button("light", texts.scan.light, async () => {
            isOn = (await this.scanner.setTorch(!isOn)) ? !isOn : isOn;
            light.setAttribute("aria-pressed", String(isOn));
        }, "quiet");
        return light;
    }
    #linkForm() {
        const { link, linkHint, read } = texts.scan;
        const typed = field("link", link, {
            hint: linkHint, type: "url", autocomplete: "off", autocapitalize: "off", spellcheck: "false", inputmode: "url",
        });
        return form(button("read-link", read, () => this.#take(typed.input.value.trim())), typed.row);
    }
}
