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
export async function install() {
    const asked = offer;
    offer = null;
    return asked !== null && (await asked.prompt()).outcome === "accepted";
}
