import { button, buttons, element, text } from "./elements.js";
import { ask } from "./phone.js";
import { save } from "./saving.js";
import { texts } from "./texts.js";
export function evidenceCards(frame, all) {
    const { evidence: told } = texts;
    const logs = new Map(all.map((evidence) => [evidence.log, evidence.authority]));
    return [...logs].map(([log, authority]) => element("section", { class: "card alarm", "data-evidence": log }, element("h2", {}, told.heading), text(told.of(authority)), text(told.why), buttons(button("save-evidence", told.save, () => saveEvidence(log, all)), button("forget-evidence", told.forget, async () => {
        await ask("forget-evidence", { log });
        frame.say(told.forgotten);
    }, "quiet"))));
}
async function saveEvidence(log, all) {
    const { archive } = await import("./archive.js");
    const files = all.filter((evidence) => evidence.log === log).flatMap((evidence) => evidence.files);
    const stored = files.map(({ path, text: words }) => ({ path, bytes: new TextEncoder().encode(words) }));
    save(`${log}evidence.zip`, "application/zip", new Blob(archive(stored, new Date(1980, 0, 1))));
}
