import { button, element } from "./elements.js";
import { ask, onState } from "./phone.js";
import { LANGUAGES, chooseLanguage, language, texts } from "./texts.js";
export class Frame {
    state = null;
    name = "";
    mayLeave = null;
    #home;
    #draw = null;
    #leave = null;
    #live = [];
    #listeners = new Set();
    #onScreen = () => { };
    #time = 0;
    #next = "";
    #isAsking = false;
    #isDeep = false;
    #header = element("header");
    #main = element("main", { tabindex: -1 });
    #said = element("p", { class: "said", role: "status" });
    #footer = element("footer");
    constructor(home) {
        this.#home = home;
        document.body.replaceChildren(this.#header, this.#said, this.#main, this.#footer);
        onState((state) => this.hear(state));
        addEventListener("popstate", () => {
            if (this.#isDeep && !location.href.includes("#")) {
                this.#isDeep = false;
                this.#home();
            }
        });
    }
    async show(draw, leave = null) {
        if (this.#isAsking || !(await this.#mayLeave())) {
            return;
        }
        this.mayLeave = null;
        this.#leave?.();
        this.#leave = leave;
        this.#draw = draw;
        this.#said.textContent = this.#next;
        this.#next = "";
        await this.#redraw(true);
    }
    redraw() {
        return this.#redraw(false);
    }
    home(sentence = "") {
        this.#next = sentence;
        if (this.#isDeep && this.mayLeave === null) {
            history.back();
        }
        else {
            this.#home();
        }
    }
    say(sentence) {
        this.#said.textContent = sentence;
    }
    hear(state) {
        this.state = state;
        this.#live.forEach((part) => this.#refresh(part));
        this.#listeners.forEach((listener) => listener(state));
    }
    onState(listener) {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
    }
    onScreen(listener) {
        this.#onScreen = listener;
        listener();
    }
    live(of, draw) {
        const part = { of, draw, place: element("div", { class: "live" }), shown: "" };
        this.#live.push(part);
        this.#refresh(part);
        return part.place;
    }
    async #mayLeave() {
        this.#isAsking = true;
        try {
            return this.mayLeave === null || (await this.mayLeave());
        }
        finally {
            this.#isAsking = false;
        }
    }
    async #redraw(isNew) {
        const time = (this.#time += 1);
        this.#live = [];
        const screen = await this.#draw?.();
        if (screen === undefined || time !== this.#time) {
            return;
        }
        document.title = texts.title;
        this.#drawFrame();
        this.#main.dataset["screen"] = screen.name;
        const back = screen.back ? button("back", texts.back, screen.back, "quiet back") : null;
        const heading = element("h1", { tabindex: -1 }, screen.title);
        this.#main.replaceChildren(...(back ? [back] : []), heading, ...screen.nodes);
        const isFirst = this.name === "";
        this.name = screen.name;
        this.#onScreen();
        document.documentElement.dataset["ready"] = "";
        if (isNew && !isFirst) {
            this.#remember(screen.name);
            scrollTo(0, 0);
            heading.focus({ preventScroll: true });
        }
    }
    #remember(name) {
        if (name !== "home" && !this.#isDeep) {
            this.#isDeep = true;
            history.pushState(null, "");
        }
    }
    #drawFrame() {
        const mark = element("button", { type: "button", class: "mark", "data-do": "home", "aria-label": `Noren: ${texts.home}` }, element("span", { class: "curtain", "aria-hidden": "true" }), "Noren");
        mark.addEventListener("click", () => this.home());
        const options = Object.entries(LANGUAGES).map(([value, name]) => element("option", { value, lang: value, selected: value === language }, name));
        const select = element("select", { "data-do": "language", "data-language": language, "aria-label": texts.language }, ...options);
        select.addEventListener("change", () => void this.#speak(select.value));
        this.#header.replaceChildren(mark, select);
        this.#footer.replaceChildren(element("p", { class: "note" }, texts.footer(location.host)));
    }
    async #speak(chosen) {
        await chooseLanguage(chosen);
        await ask("speak", { languages: [language, "en"] }).catch(() => null);
        await this.#redraw(false);
        this.#header.querySelector("select")?.focus();
    }
    #refresh(part) {
        if (this.state === null) {
            return;
        }
        const shown = JSON.stringify(part.of(this.state));
        if (shown === part.shown) {
            return;
        }
        part.shown = shown;
        const focus = part.place.contains(document.activeElement) ? document.activeElement : null;
        const does = focus instanceof HTMLElement ? focus.dataset["do"] : undefined;
        part.place.replaceChildren(...part.draw(this.state));
        if (focus !== null) {
            const same = does === undefined ? null : part.place.querySelector(`[data-do="${does}"]`);
            (same ?? this.#main.querySelector("h1"))?.focus({ preventScroll: true });
        }
    }
}
