// The scan screen: the camera, or a picture, or the link typed. For posters, slips and private sheets.

import { button, element, field, filePicker, form, note, problem, tellProblem, untell } from "./elements.js";
import type { Frame } from "./frame.js";
import { ScanFailure } from "./scan-failure.js";
import { Scanner } from "./scan.js";
import { texts } from "./texts.js";

export interface ScanWish {
  title: () => string;
  explain: () => string;
  /** Takes what was read. What it throws is said, and the scanning goes on. */
  onText: (text: string) => void | Promise<void>;
  back: () => void;
  /** Whether a link may be typed as well. */
  field?: boolean;
}

export function showScan(frame: Frame, wish: ScanWish): Promise<void> {
  let scanner: Scanner | null = null;
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
  readonly nodes: Node[];
  readonly scanner: Scanner;
  #wish: ScanWish;
  #video = element("video", { muted: true, playsinline: true, "aria-hidden": "true", hidden: true });
  #camera: HTMLElement;
  #state: HTMLElement;
  #isTaking = false;

  constructor(wish: ScanWish) {
    this.#wish = wish;
    this.scanner = new Scanner(
      (text) => void this.#take(text).catch((error: unknown) => tellProblem(this.#state, error)),
      (failure) => this.#fail(failure));
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

  async start(): Promise<void> {
    try {
      await this.scanner.start(this.#video);
      this.#state.textContent = "";
      this.#video.hidden = !this.scanner.isRunning;
      if (this.scanner.hasTorch) {
        this.#state.after(this.#light());
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  async #take(text: string): Promise<void> {
    if (this.#isTaking) {
      return;
    }
    this.#isTaking = true;
    untell();
    try {
      await this.#wish.onText(text);
    } finally {
      this.#isTaking = false;
    }
  }

  #fail(error: unknown): void {
    this.#camera.hidden = true;
    const code = error instanceof ScanFailure ? error.problem : "defect";
    this.#state.replaceWith((this.#state = problem(code)));
    // It stays while other things are tried: the camera is still not there.
    this.#state.classList.remove("told");
  }

  #light(): HTMLElement {
    let isOn = false;
    const light = button("light", texts.scan.light, async () => {
      isOn = (await this.scanner.setTorch(!isOn)) ? !isOn : isOn;
      light.setAttribute("aria-pressed", String(isOn));
    }, "quiet");
    return light;
  }

  #linkForm(): HTMLElement {
    const { link, linkHint, read } = texts.scan;
    const typed = field("link", link, {
      hint: linkHint, type: "url", autocomplete: "off", autocapitalize: "off", spellcheck: "false", inputmode: "url",
    });
    return form(button("read-link", read, () => this.#take(typed.input.value.trim())), typed.row);
  }
}
