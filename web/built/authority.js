import { button, buttons, element, facts, text } from "./elements.js";
import { ask } from "./phone.js";
import { texts } from "./texts.js";
export async function showAuthority(frame, address, then) {
    const seen = await ask("see-authority", { address });
    await frame.show(() => {
        const { authority } = texts;
        const follow = button("confirm-follow", authority.follow, async () => {
            await ask("follow", { address, fingerprint: seen.fingerprint });
            await then();
            frame.say(authority.followed);
        }, "primary");
        const nodes = [
            text(authority.explain),
            facts([authority.name, seen.name], [authority.address, seen.url], [authority.fingerprint, element("code", { class: "fingerprint" }, inGroups(seen.fingerprint))]),
            text(authority.compare),
            buttons(follow, button("cancel", texts.kept.cancel, then)),
        ];
        return { name: "authority", title: authority.heading, back: () => void then(), nodes };
    });
}
export function inGroups(fingerprint) {
    return fingerprint.replaceAll(/\s/g, "").replace(/(.{4})(?=.)/g, "$1 ");
}
