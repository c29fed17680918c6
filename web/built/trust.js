import { element, list, section, text } from "./elements.js";
import { texts } from "./texts.js";
export function showTrust(frame) {
    return frame.show(() => {
        const { trust } = texts;
        const command = `noren auditor page ${location.origin}${location.pathname}`;
        const nodes = [
            element("p", { class: "lead" }, trust.short),
            section(trust.what, list(...trust.does), text(trust.source)),
            section(trust.sees, text(trust.seesWhat)),
            section(trust.whom, text(trust.whomWhy)),
            section(trust.check, text(trust.checkHow), element("p", {}, element("code", { lang: "en" }, command)), text(trust.checkElse)),
        ];
        return { name: "trust", title: trust.heading, back: () => frame.home(), nodes };
    });
}
