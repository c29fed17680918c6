import { button, buttons, element, facts, more, text } from "./elements.js";
import { Refusal, ask } from "./phone.js";
import { texts } from "./texts.js";
import { witnessFields } from "./witnesses.js";
export async function showAuthority(frame, address, then) {
    const seen = await ask("see-authority", { address }).catch((error) => {
        throw elsewhere(error, address);
    });
    await frame.show(() => {
        const { authority } = texts;
        const { rows, read } = witnessFields(null);
        const follow = button("confirm-follow", authority.follow, async () => {
            await ask("follow", { address, fingerprint: seen.fingerprint, witnesses: read() });
            await then();
            frame.say(authority.followed);
        }, "primary");
        const nodes = [
            text(authority.explain),
            facts([authority.name, seen.name], [authority.address, seen.url], [authority.fingerprint, element("code", { class: "fingerprint" }, inGroups(seen.fingerprint))]),
            text(authority.compare),
            more("witnesses", texts.witnesses.heading, ...rows),
            buttons(follow, button("cancel", texts.kept.cancel, then)),
        ];
        return { name: "authority", title: authority.heading, back: () => void then(), nodes };
    });
}
function elsewhere(error, address) {
    const there = /^https?:\/\//i.test(address.trim()) ? address.trim() : `https://${address.trim()}`;
    const isOffline = error instanceof Refusal && error.code === "offline";
    if (!isOffline || !URL.canParse(there) || new URL(there).origin === location.origin || !navigator.onLine) {
        return error;
    }
    return new Refusal({ code: "elsewhere", detail: new URL(there).href });
}
export function zoneOf(state) {
    return (state?.own ?? state?.authorities[0])?.timeZone ?? "";
}
export function inGroups(fingerprint) {
    return fingerprint.replaceAll(/\s/g, "").replace(/(.{4})(?=.)/g, "$1 ");
}
