// Gives the visitor a file that was made on the device.
import { element } from "./elements.js";
export function save(name, type, contents) {
    const address = URL.createObjectURL(new Blob([contents], { type }));
    const link = element("a", { href: address, download: name });
    link.click();
    // The browser has begun to save it when the click returns, but may still read.
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
