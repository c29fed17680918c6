import { button, buttons, section, text } from "./elements.js";
import { ask } from "./phone.js";
import { texts } from "./texts.js";
export function forgetAll(frame) {
    const { kept } = texts;
    const place = buttons();
    const first = button("forget-all", kept.forgetAll, () => {
        place.replaceChildren(text(kept.reallyForgetAll), sure, cancel);
        cancel.focus();
    }, "danger");
    const sure = button("confirm-forget-all", kept.confirmForgetAll, async () => {
        await ask("forget-all", {});
        frame.home(kept.allForgotten);
    }, "danger");
    const cancel = button("cancel", kept.cancel, () => {
        place.replaceChildren(first);
        first.focus();
    });
    place.append(first);
    return section(kept.forgetAll, text(kept.forgetAllWhy), place);
}
