// The press's worker: it holds the module that draws what is printed, and its fonts. It keeps nothing,
// and asks for nothing but these files of the page.

import type { Drawing, Drawn, PressProblem } from "./drawing.js";
import init, { draw } from "./noren_press.js";

/** In the order that the module wants them. */
const FONTS = ["names-bold.otf", "texts-regular.otf", "chinese-bold.otf", "chinese-regular.otf"];
const PROBLEMS: readonly string[] = ["missing-character", "languages", "code-too-long", "font", "place"];

const scope = self as unknown as DedicatedWorkerGlobalScope;

const ready = Promise.all([Promise.all(FONTS.map(font)), init()]);
// What could not be loaded is told with the first answer.
ready.catch(() => {});

scope.addEventListener("message", (event: MessageEvent<Drawing>) => {
  void print(event.data).then((drawn) => scope.postMessage(drawn));
});

async function print({ id, paper, place, code, languages }: Drawing): Promise<Drawn> {
  let fonts;
  try {
    [fonts] = await ready;
  } catch {
    return { id, problem: "not-loaded", character: "" };
  }
  try {
    return { id, pdf: draw(paper, place, code, languages, fonts) as Uint8Array<ArrayBuffer> };
  } catch (error) {
    return { id, ...problemOf(error) };
  }
}

/** The module's own words stay here: they are English, and a page has better ones. */
function problemOf(error: unknown): { problem: PressProblem; character: string } {
  const { code, character } = (error ?? {}) as { code?: unknown; character?: unknown };
  const isKnown = typeof code === "string" && PROBLEMS.includes(code);
  return {
    problem: isKnown ? (code as PressProblem) : "failed",
    character: typeof character === "string" ? character : "",
  };
}

async function font(name: string): Promise<Uint8Array> {
  const response = await fetch(new URL(`fonts/${name}`, import.meta.url));
  if (!response.ok) {
    throw new Error(`the font ${name} is not there`);
  }
  return new Uint8Array(await response.arrayBuffer());
}
