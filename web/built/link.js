export function takeLink() {
    const link = taken;
    taken = null;
    return link;
}
export function onLink(listener) {
    addEventListener("hashchange", () => {
        const link = clear();
        if (link !== null) {
            listener(link);
        }
    });
}
let taken = clear();
function clear() {
    if (!location.href.includes("#")) {
        return null;
    }
    const link = location.href;
    history.replaceState(null, "", location.pathname);
    return link;
}
