import init, { draw } from "./noren_press.js";
const FONTS = ["names-bold.otf", "texts-regular.otf", "chinese-bold.otf", "chinese-regular.otf"];
const PROBLEMS = ["missing-character", "languages", "code-too-long", "font", "place"];
const scope = self;
const ready = Promise.all([Promise.all(FONTS.map(font)), init()]);
ready.catch(() => { });
scope.addEventListener("message", (event) => {
    void print(event.data).then((drawn) => scope.postMessage(drawn));
});
async function print({ id, paper, place, code, languages }) {
    let fonts;
    try {
        [fonts] = await ready;
    }
    catch {
        return { id, problem: "not-loaded", character: "" };
    }
    try {
        return { id, pdf: draw(paper, place, code, languages, fonts) };
    }
    catch (error) {
        return { id, ...problemOf(error) };
    }
}
function problemOf(error) {
    const { code, character } = (error ?? {});
    const isKnown = typeof code === "string" && PROBLEMS.includes(code);
    return {
        problem: isKnown ? code : "failed",
        character: typeof character === "string" ? character : "",
    };
}
async function font(name) {
    const response = await fetch(new URL(`fonts/${name}`, import.meta.url));
    if (!response.ok) {
        throw new Error(`the font ${name} is not there`);
    }
    return new Uint8Array(await response.arrayBuffer());
}
