import { element } from "../elements.js";
import { words } from "./texts.js";
const LOOPBACK = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\]|0\.0\.0\.0)$/;
export function linkWarning(address) {
    if (!URL.canParse(address)) {
        return null;
    }
    const { protocol, hostname } = new URL(address);
    const { loopback, plain } = words.link;
    const told = LOOPBACK.test(hostname) ? loopback : protocol === "https:" ? null : plain;
    return told === null ? null : element("p", { class: "due", "data-warning": true }, told);
}
