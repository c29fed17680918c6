// Times as people of the page's language write them, in the device's own time zone.

import type { Seconds } from "./ask.js";
import { inBrackets, language } from "./texts.js";

export const MINUTE = 60;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export function now(): Seconds {
  return Math.floor(Date.now() / 1000);
}

/** Day and time. */
export function moment(time: Seconds): string {
  return format(time, { dateStyle: "long", timeStyle: "short" });
}

/** Day and time, in few letters: today and tomorrow as people call them. */
export function briefly(time: Seconds): string {
  if (isOn(time, 0)) {
    return clock(time);
  }
  return isOn(time, 1) ? `${tomorrow()} ${clock(time)}` : format(time, { month: "short", day: "numeric", hour: "numeric", minute: "2-digit" });
}

export function day(time: Seconds, timeZone?: string): string {
  return format(time, { dateStyle: "long" }, timeZone);
}

export function clock(time: Seconds, timeZone?: string): string {
  return format(time, { timeStyle: "short" }, timeZone);
}

/** From one time to another, the day once where it is the same. */
export function span(from: Seconds, to: Seconds, timeZone?: string): string {
  const times = clocks(from, to, timeZone);
  return day(from, timeZone) === day(to, timeZone) ? `${day(from, timeZone)} ${times}` : times;
}

/** The same without the day, where both are of one. */
export function clocks(from: Seconds, to: Seconds, timeZone?: string): string {
  const until = language === "ja" || language === "ko" ? "～" : " – ";
  if (day(from, timeZone) === day(to, timeZone)) {
    return clock(from, timeZone) + until + clock(to, timeZone);
  }
  const whole: Intl.DateTimeFormatOptions = { dateStyle: "long", timeStyle: "short" };
  return format(from, whole, timeZone) + until + format(to, whole, timeZone);
}

/** The name of the device's own zone where clocks of `timeZone` show another time than its own; null
 * where they do not, or nobody knows that zone. [WEB-18] */
export function ownZone(time: Seconds, timeZone: string): string | null {
  return differs(time, timeZone) ? Intl.DateTimeFormat().resolvedOptions().timeZone : null;
}

/** Words about a time in a zone, with the zone's name where the device's clock shows another time.
 * [WEB-18] */
export function inZone(words: string, time: Seconds, timeZone: string): string {
  return differs(time, timeZone) ? inBrackets(words, timeZone) : words;
}

/** A length of time, like "2 hr 30 min". */
export function length(seconds: Seconds): string {
  const hours = Math.floor(seconds / HOUR);
  const minutes = Math.round((seconds % HOUR) / MINUTE);
  const unit = (value: number, name: "hour" | "minute"): string =>
    new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "short" }).format(value);
  const parts = [hours > 0 ? unit(hours, "hour") : "", minutes > 0 ? unit(minutes, "minute") : ""];
  return parts.filter((part) => part !== "").join(" ");
}

/** What a field for date and time takes. */
export function toField(time: Seconds): string {
  const date = new Date(time * 1000);
  const two = (value: number): string => String(value).padStart(2, "0");
  const year = String(date.getFullYear()).padStart(4, "0");
  return `${year}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The time in a field, or null if it is empty. */
export function fromField(value: string): Seconds | null {
  const time = value === "" ? Number.NaN : new Date(value).getTime();
  return Number.isNaN(time) ? null : Math.floor(time / 1000);
}

function isOn(time: Seconds, daysFromNow: number): boolean {
  const date = new Date();
  date.setDate(date.getDate() + daysFromNow);
  return new Date(time * 1000).toDateString() === date.toDateString();
}

function tomorrow(): string {
  return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(1, "day");
}

function differs(time: Seconds, timeZone: string): boolean {
  const shown = (zone?: string): string =>
    new Intl.DateTimeFormat("en", { dateStyle: "short", timeStyle: "short", ...(zone ? { timeZone: zone } : {}) })
      .format(time * 1000);
  try {
    return timeZone !== "" && shown(timeZone) !== shown();
  } catch {
    // A zone that this browser has never heard of: `format` takes the device's own.
    return false;
  }
}

function format(time: Seconds, options: Intl.DateTimeFormatOptions, timeZone?: string): string {
  return formatter(options, timeZone).format(time * 1000);
}

function formatter(options: Intl.DateTimeFormatOptions, timeZone?: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat(language, timeZone ? { ...options, timeZone } : options);
  } catch {
    // A zone that this browser has never heard of.
    return new Intl.DateTimeFormat(language, options);
  }
}
