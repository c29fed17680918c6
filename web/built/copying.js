import { button, buttons, element, field, filePicker, form, text } from "./elements.js";
import { Refusal, ask } from "./phone.js";
import { save } from "./saving.js";
import { texts } from "./texts.js";
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
        if (frame.state?.vault === "none" || file === null) {
            await take();
            return;
        }
        const sure = button("confirm-import", kept.confirmImport, take, "danger");
        const cancel = button("cancel", kept.cancel, () => question.replaceChildren());
        question.replaceChildren(text(kept.importReplaces), buttons(sure, cancel));
        cancel.focus();
    });
    return element("div", {}, form(press, picker, name, passphrase.row), question);
}
