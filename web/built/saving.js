import { element } from "./elements.js";
export function save(name, type, contents) {
    const address = URL.createObjectURL(new Blob([contents], { type }));
    const link = element("a", { href: address, download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
