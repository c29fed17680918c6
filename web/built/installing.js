// The page on the home screen, where the browser offers that.
let offer = null;
addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    offer = event;
});
export function canInstall() {
    return offer !== null;
}
export function isInstalled() {
    return matchMedia("(display-mode: standalone)").matches;
}
/** Lets the browser ask; returns whether the visitor agreed. */
export async function install() {
    const asked = offer;
    offer = null;
    return asked !== null && (await asked.prompt()).outcome === "accepted";
}
