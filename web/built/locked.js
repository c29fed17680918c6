import { button, buttons, element, field, form, note, text } from "./elements.js";
import { forgetAll } from "./forgetting.js";
import { importForm } from "./copying.js";
import { ask } from "./phone.js";
import { showSlip } from "./check-slip.js";
import { texts } from "./texts.js";
import { showTrust } from "./trust.js";
export function showLocked(frame, then) {
    let isLeft = false;
    const goOn = () => {
        if (!isLeft) {
            isLeft = true;
            stop();
            then();
        }
    };
    const stop = frame.onState(({ vault }) => {
        if (vault === "open" || vault === "none") {
            goOn();
        }
    });
    const draw = () => {
        const isDamaged = frame.state?.vault === "damaged";
        const { locked, front } = texts;
        const others = buttons(button("open-slip", front.slip, () => showSlip(frame), "wide"), button("open-trust", front.trust, () => showTrust(frame), "wide"));
        const nodes = isDamaged
            ? [text(locked.damagedExplain), importForm(frame), forgetAll(frame), others]
            : [text(locked.explain), unlockForm(goOn), note(locked.lost), forgetAll(frame), others];
        return { name: "locked", title: isDamaged ? locked.damaged : locked.heading, nodes };
    };
    return frame.show(draw, () => {
        isLeft = true;
        stop();
    });
}
function unlockForm(goOn) {
    const { locked } = texts;
    const passphrase = field("passphrase", locked.passphrase, { type: "password", autocomplete: "current-password" });
    const unlock = button("unlock", locked.unlock, async () => {
        await ask("unlock", { passphrase: passphrase.input.value });
        passphrase.input.value = "";
        goOn();
    }, "primary");
    return element("div", { class: "card" }, form(unlock, passphrase.row));
}
