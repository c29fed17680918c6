import { button, buttons, element, facts, note, text } from "./elements.js";
import { ask } from "./phone.js";
import { inBrackets, texts } from "./texts.js";
import { day, inZone, moment, span } from "./times.js";
import { inItsLanguage, nameOf } from "./venue.js";
export function showNotices(frame) {
    const shown = new Set();
    const draw = () => {
        const { notices } = texts;
        const cards = frame.live((state) => state.notices, (state) => {
            state.notices.forEach(({ id }) => shown.add(id));
            if (state.notices.length === 0) {
                return [text(notices.none)];
            }
            const all = state.notices.map((notice) => noticeCard(notice, false, dismissal(frame, notice)));
            return [...all, buttons(button("print", notices.print, () => globalThis.print()))];
        });
        return { name: "notices", title: notices.heading, back: () => frame.home(), nodes: [cards] };
    };
    return frame.show(draw, () => void ask("seen", { notices: [...shown] }).catch(() => { }));
}
export function noticeCard(notice, isShort, ...more) {
    const { notices } = texts;
    const level = notices.levels[notice.level] ?? notice.level;
    const news = notice.news === null || notice.news === "withdrawn" ? null : notices.news[notice.news];
    const head = element(isShort ? "h3" : "h2", { class: "level" }, element("span", { class: "mark", "aria-hidden": "true" }, notice.level === "withdrawn" ? "↩ " : "⚠ "), news === null ? level : inBrackets(level, news));
    const words = isShort ? brief(notice) : whole(notice);
    return element("article", { class: "notice", "data-notice": notice.level, "data-news": notice.news }, head, ...words, ...more);
}
function brief(notice) {
    return [text(saying(notice)), note(texts.notices.from(notice.authority), " · ", whenOf(notice))];
}
function whole(notice) {
    const { notices } = texts;
    const details = facts([notices.when, whenOf(notice)], [notices.where, notice.venue === null ? null : place(notice.venue)]);
    const nodes = [text(saying(notice))];
    if (notice.message !== "") {
        nodes.push(inItsLanguage("p", notice.message));
    }
    nodes.push(details);
    if (notice.advice !== "") {
        nodes.push(element("h3", {}, notices.advice), element("p", { class: "advice" }, notice.advice));
    }
    if (notice.contacts.length > 0) {
        nodes.push(element("h3", {}, notices.contact), ...notice.contacts.map(contactLine));
    }
    nodes.push(note(notices.from(notice.authority), " · ", notices.received(moment(notice.received))));
    return nodes;
}
function place(venue) {
    return element("div", {}, inItsLanguage("span", nameOf(venue)), element("br"), inItsLanguage("span", venue.address));
}
function saying(notice) {
    return notice.text === "" ? (texts.notices.told[notice.level] ?? "") : notice.text;
}
function whenOf({ namesDate, overlapFrom, overlapTo, timeZone }) {
    if (!namesDate) {
        return texts.notices.noDate;
    }
    const when = overlapTo > overlapFrom ? span(overlapFrom, overlapTo, timeZone) : day(overlapFrom, timeZone);
    return inZone(when, overlapFrom, timeZone);
}
function contactLine({ label, value, hours }) {
    const address = addressOf(value);
    const shown = address === null ? value : element("a", { href: address, class: "call" }, value);
    return element("p", { class: "contact" }, label, element("br"), shown, hours === "" ? null : element("small", {}, hours));
}
function addressOf(value) {
    if (/^[+\d][\d\s().\-/ー－–]{1,30}$/.test(value)) {
        return `tel:${value.replace(/[^+\d]/g, "")}`;
    }
    if (/^[^\s@:/]+@[^\s@:/]+\.[^\s@:/]+$/.test(value)) {
        return `mailto:${value}`;
    }
    return /^https:\/\/[^\s]+$/.test(value) ? value : null;
}
function dismissal(frame, notice) {
    const { notices, kept } = texts;
    const place = buttons();
    const first = button("dismiss", notices.dismiss, () => {
        place.replaceChildren(text(notices.reallyDismiss), sure, cancel);
        cancel.focus();
    }, "quiet");
    const sure = button("confirm-dismiss", notices.confirmDismiss, async () => {
        await ask("dismiss", { notice: notice.id });
        frame.say(notices.dismissed);
    }, "danger");
    const cancel = button("cancel", kept.cancel, () => {
        place.replaceChildren(first);
        first.focus();
    });
    place.append(first);
    return place;
}
