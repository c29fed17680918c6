import { inBrackets, language } from "./texts.js";
export const MINUTE = 60;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export function now() {
    return Math.floor(Date.now() / 1000);
}
export function moment(time) {
    return format(time, { dateStyle: "long", timeStyle: "short" });
}
export function briefly(time) {
    if (isOn(time, 0)) {
        return clock(time);
    }
    return isOn(time, 1) ? `${tomorrow()} ${clock(time)}` : format(time, { month: "short", day: "numeric", hour: "numeric", minute: "2-digit" });
}
export function day(time, timeZone) {
    return format(time, { dateStyle: "long" }, timeZone);
}
export function clock(time, timeZone) {
    return format(time, { timeStyle: "short" }, timeZone);
}
export function span(from, to, timeZone) {
    const times = clocks(from, to, timeZone);
    return day(from, timeZone) === day(to, timeZone) ? `${day(from, timeZone)} ${times}` : times;
}
export function clocks(from, to, timeZone) {
    const until = language === "ja" || language === "ko" ? "～" : " – ";
    if (day(from, timeZone) === day(to, timeZone)) {
        return clock(from, timeZone) + until + clock(to, timeZone);
    }
    const whole = { dateStyle: "long", timeStyle: "short" };
    return format(from, whole, timeZone) + until + format(to, whole, timeZone);
}
export function ownZone(time, timeZone) {
    return differs(time, timeZone) ? Intl.DateTimeFormat().resolvedOptions().timeZone : null;
}
export function inZone(words, time, timeZone) {
    return differs(time, timeZone) ? inBrackets(words, timeZone) : words;
}
export function length(seconds) {
    const hours = Math.floor(seconds / HOUR);
    const minutes = Math.round((seconds % HOUR) / MINUTE);
    const unit = (value, name) => new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "short" }).format(value);
    const parts = [hours > 0 ? unit(hours, "hour") : "", minutes > 0 ? unit(minutes, "minute") : ""];
    return parts.filter((part) => part !== "").join(" ");
}
export function toField(time) {
    const date = new Date(time * 1000);
    const two = (value) => String(value).padStart(2, "0");
    const year = String(date.getFullYear()).padStart(4, "0");
    return `${year}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
}
export function fromField(value) {
    const time = value === "" ? Number.NaN : new Date(value).getTime();
    return Number.isNaN(time) ? null : Math.floor(time / 1000);
}
function isOn(time, daysFromNow) {
    const date = new Date();
    date.setDate(date.getDate() + daysFromNow);
    return new Date(time * 1000).toDateString() === date.toDateString();
}
function tomorrow() {
    return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(1, "day");
}
function differs(time, timeZone) {
    const shown = (zone) => new Intl.DateTimeFormat("en", { dateStyle: "short", timeStyle: "short", ...(zone ? { timeZone: zone } : {}) })
        .format(time * 1000);
    try {
        return timeZone !== "" && shown(timeZone) !== shown();
    }
    catch {
        return false;
    }
}
function format(time, options, timeZone) {
    return formatter(options, timeZone).format(time * 1000);
}
function formatter(options, timeZone) {
    try {
        return new Intl.DateTimeFormat(language, timeZone ? { ...options, timeZone } : options);
    }
    catch {
        return new Intl.DateTimeFormat(language, options);
    }
}
