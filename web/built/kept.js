import { inGroups, showAuthority } from "./authority.js";
import { exportButton, importForm } from "./copying.js";
import { button, buttons, element, facts, field, form, list, more, note, section, text, tick } from "./elements.js";
import { forgetAll } from "./forgetting.js";
import { canInstall, install, isInstalled } from "./installing.js";
import { Refusal, ask } from "./phone.js";
import { lookInBackground, saveCalendar } from "./reminders.js";
import { texts } from "./texts.js";
import { day, span } from "./times.js";
import { inItsLanguage, nameOf } from "./venue.js";
import { askedFor, witnessForm } from "./witnesses.js";
export function showKept(frame) {
    return frame.show(() => {
        const { kept } = texts;
        const isOpen = ({ vault }) => vault === "open";
        const nodes = [
            frame.live((state) => [state.vault, state.protection], (state) => isOpen(state) ? [protection(frame, state)] : [text(kept.nothing)]),
            frame.live((state) => state.isPersistent, (state) => [staying(frame, state)]),
            section(kept.remind, text(kept.remindWhy), buttons(button("calendar", kept.calendar, () => {
                const { evenings, file } = saveCalendar();
                frame.say(kept.calendarSaved(evenings, file));
            })), note(kept.notifyWhy), buttons(button("notify", kept.notify, async () => frame.say((await lookInBackground()) ? kept.notifies : kept.notifyRefused)))),
            frame.live((state) => [state.vault, state.open, state.closed], (state) => isOpen(state) ? [visits(frame, state)] : []),
            frame.live((state) => [state.vault, state.isRecordingDiary, state.diary], (state) => isOpen(state) ? [diary(frame, state)] : []),
            section(kept.authorities, frame.live((state) => [
                state.vault, state.authorities.map(({ name, url, fingerprint, witnesses }) => [name, url, fingerprint, witnesses]),
            ], (state) => authorities(frame, state)), followForm(frame)),
            frame.live((state) => state.vault, (state) => [section(kept.copy, ...(isOpen(state) ? [text(kept.copyWhy), exportButton()] : []), importForm(frame))]),
            forgetAll(frame),
            note(kept.language),
        ];
        return { name: "kept", title: kept.heading, back: () => frame.home(), nodes };
    });
}
function protection(frame, state) {
    const { kept } = texts;
    if (state.protection === "passphrase") {
        const lock = button("lock", kept.lock, async () => void (await ask("lock", {})));
        const remove = button("remove-passphrase", kept.remove, async () => {
            await ask("remove-passphrase", {});
            frame.say(kept.isRemoved);
        }, "quiet");
        return section(kept.protection, text(kept.byPassphrase), note(kept.limits), buttons(lock, remove));
    }
    const passphrase = field("passphrase", kept.passphrase, {
        type: "password", autocomplete: "new-password", hint: kept.passphraseHint,
    });
    const set = button("set-passphrase", kept.set, async () => {
        await ask("set-passphrase", { passphrase: passphrase.input.value });
        passphrase.input.value = "";
        frame.say(kept.isSet);
    }, "primary");
    return section(kept.protection, text(kept.byDevice), form(set, passphrase.row), note(kept.limits));
}
function staying(frame, { isPersistent }) {
    const { kept } = texts;
    const persist = button("persist", kept.persist, async () => {
        if (!(await ask("ask-persistence", {}))) {
            frame.say(kept.persistRefused);
        }
    });
    const add = button("install", kept.install, async () => {
        const isAgreed = await install();
        add.remove();
        if (isAgreed) {
            frame.say(kept.installed);
        }
    });
    const all = [isPersistent ? null : persist, canInstall() ? add : null].filter((each) => each !== null);
    return section(kept.stays, text(isPersistent ? kept.persistent : kept.notPersistent), text(kept.privateWindow), isInstalled() ? null : text(kept.sevenDays), all.length === 0 ? null : buttons(...all), isInstalled() || canInstall() ? null : more("install-how", kept.install, list(...kept.installHow)));
}
function visits(frame, { open, closed }) {
    const { kept } = texts;
    const row = (id, words, isClosed) => {
        const forget = button("forget-visit", kept.forgetVisit, async () => {
            await ask("forget-visit", { visit: id });
            frame.say(kept.forgotten);
        }, "quiet");
        forget.setAttribute("aria-label", `${kept.forgetVisit}: ${words}`);
        return element("li", { "data-closed": isClosed }, element("span", {}, words), forget);
    };
    const rows = [
        ...open.map(({ id, venue }) => row(id, kept.openVisit(nameOf(venue)), false)),
        ...closed.map(({ id, firstDay, hours }) => row(id, kept.visit(day(firstDay, "UTC"), hours), true)),
    ];
    return section(kept.visits, text(kept.visitsWhy), rows.length === 0 ? note(kept.noVisits) : element("ul", { class: "rows" }, ...rows));
}
function diary(frame, state) {
    const { kept } = texts;
    const record = tick("record-diary", kept.record, state.isRecordingDiary, async (on) => void (await ask("record-diary", { on })));
    const entries = state.diary.map(({ id, venue, arrival, departure, note: words }) => {
        const written = field("note", kept.noteOf, { value: words, maxlength: 200, autocomplete: "off" });
        const keep = button("note-diary", kept.saveNote, async () => {
            await ask("note-diary", { entry: id, note: written.input.value });
            frame.say(kept.noteSaved);
        });
        const forget = button("forget-diary", kept.forgetEntry, async () => void (await ask("forget-diary", { entry: id })), "quiet");
        return element("div", { class: "entry" }, inItsLanguage("p", nameOf(venue), "name"), note(span(arrival, departure)), form(keep, written.row), buttons(forget));
    });
    return section(kept.diary, text(kept.diaryWhy), record, ...entries);
}
function authorities(frame, state) {
    const { kept, authority } = texts;
    return state.authorities.map((followed) => {
        const { name, url, fingerprint } = followed;
        const stop = button("unfollow", kept.unfollow, async () => void (await ask("unfollow", { fingerprint })), "quiet");
        stop.setAttribute("aria-label", `${kept.unfollow}: ${name}`);
        const code = element("code", { class: "fingerprint" }, inGroups(fingerprint));
        return element("div", { class: "entry" }, element("p", { class: "name" }, name), facts([authority.address, url], [authority.fingerprint, code]), ...(state.vault === "open" ? witnessForm(frame, followed) : askedFor(followed.witnesses)), buttons(stop));
    });
}
function followForm(frame) {
    const { kept } = texts;
    const address = field("address", kept.followAddress, {
        type: "url", placeholder: "https://", autocomplete: "off", autocapitalize: "off", spellcheck: "false",
    });
    const follow = button("follow", kept.follow, () => {
        const typed = address.input.value.trim();
        if (typed === "") {
            address.input.focus();
            throw new Refusal({ code: "bad-form", detail: "" });
        }
        return showAuthority(frame, typed, () => showKept(frame));
    });
    return form(follow, address.row);
}
