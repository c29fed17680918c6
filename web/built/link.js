// Takes the poster's link out of the address bar. This is the first module that the page runs: nothing
// that comes after it finds the link in an address. [WEB-1]
/** The link by which the page was opened, or null. Whoever reads it has it from here alone. */
export function takeLink() {
    const link = taken;
    taken = null;
    return link;
}
/** Calls back with each further link that is opened while the page is there. */
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
    // An address that ends with `#` has an empty fragment, which `hash` does not tell from none.
    if (!location.href.includes("#")) {
        return null;
    }
    const link = location.href;
    history.replaceState(null, "", location.pathname);
    return link;
}
