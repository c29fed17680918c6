import { inGroups } from "./authority.js";
import { button, buttons, element, facts, field, filePicker, form, text } from "./elements.js";
import { Refusal, ask } from "./phone.js";
import { save } from "./saving.js";
import { texts } from "./texts.js";
import { askedFor } from "./witnesses.js";
export function exportButton() {
    return buttons(button("export", texts.kept.export, async () => {
        const file = await ask("export", {});
        save("noren-copy.bin", "application/octet-stream", new Uint8Array(file));
    }));
}
export function importForm(frame) {
    const { kept } = texts;
    let file = null;
    const picker = filePicker("choose-export", kept.importFile, "", async (picked) => {
        file = new Uint8Array(await picked.arrayBuffer());
        name.textContent = picked.name;
    });
    const name = element("p", { class: "note", role: "status" });
    const passphrase = field("import-passphrase", kept.importPassphrase, { type: "password", autocomplete: "off" });
    const take = async () => {
        if (file === null) {
            throw new Refusal({ code: "not-an-export", detail: "no file was chosen" });
        }
        await ask("import", { file, passphrase: passphrase.input.value || null });
        passphrase.input.value = "";
        frame.home(kept.imported);
    };
    const question = element("div");
    const press = button("import", kept.import, async () => {
        const follows = file === null ? [] : await ask("see-copy", { file });
        const { vault, own, authorities } = frame.state ?? { vault: "none", own: null, authorities: [] };
        const isKnown = ({ fingerprint }) => ([...authorities, own].some((known) => known?.fingerprint === fingerprint));
        if (file === null || (vault === "none" && follows.every(isKnown))) {
            await take();
            return;
        }
        const dropped = authorities.filter(({ fingerprint }) => follows.every((each) => each.fingerprint !== fingerprint));
        const sure = button("confirm-import", kept.confirmImport, take, "danger");
        const cancel = button("cancel", kept.cancel, () => question.replaceChildren());
        question.replaceChildren(text(kept.importReplaces), ...named(kept.importFollows, follows), ...named(kept.importDrops, dropped), buttons(sure, cancel));
        cancel.focus();
    });
    return element("div", {}, form(press, picker, name, passphrase.row), question);
}
function named(words, authorities) {
    const entries = authorities.flatMap(({ name, url, fingerprint, witnesses }) => [facts([texts.authority.name, name], [texts.authority.address, url], [texts.authority.fingerprint, element("code", { class: "fingerprint" }, inGroups(fingerprint))]),
        ...askedFor(witnesses)]);
    return entries.length === 0 ? [] : [text(words), ...entries];
}
