// Reminders: to look, by a calendar file or by the browser's background; to check out, by a notification.
// They stand on a locked screen and name no venue, no hour and no level. [WEB-7]

import type { OpenVisit } from "./ask.js";
import type { Frame } from "./frame.js";
import { ask } from "./phone.js";
import { save } from "./saving.js";
import { texts } from "./texts.js";
import { MINUTE, now } from "./times.js";

/** Saves a calendar file that reminds every evening, for as long as visits are kept; says what it saved. */
export function saveCalendar(): { evenings: number; file: string } {
  const stamp = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const two = (value: number): string => String(value).padStart(2, "0");
  const first = new Date();
  if (first.getHours() >= Number(EVENING.slice(0, 2))) {
    first.setDate(first.getDate() + 1);
  }
  const day = `${first.getFullYear()}${two(first.getMonth() + 1)}${two(first.getDate())}`;
  const { calendarTitle, calendarText } = texts.kept;
  const address = location.origin + location.pathname;
  const lines = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Noren//Page//EN",
    "BEGIN:VEVENT",
    `UID:${crypto.randomUUID()}`,
    `DTSTAMP:${stamp}`,
    // A time without a zone is the evening wherever the device is.
    `DTSTART:${day}T${EVENING}`,
    "DURATION:PT5M",
    `RRULE:FREQ=DAILY;COUNT=${EVENINGS}`,
    `SUMMARY:${escape(calendarTitle)}`,
    `DESCRIPTION:${escape(calendarText)}`,
    `URL:${address}`,
    "TRANSP:TRANSPARENT",
    "BEGIN:VALARM",
    "ACTION:DISPLAY",
    `DESCRIPTION:${escape(calendarTitle)}`,
    "TRIGGER:PT0M",
    "END:VALARM",
    "END:VEVENT",
    "END:VCALENDAR",
  ];
  save(FILE, "text/calendar", lines.map(fold).join("\r\n") + "\r\n");
  return { evenings: EVENINGS, file: FILE };
}

/** Asks the browser to look in the background; returns whether it will. */
export async function lookInBackground(): Promise<boolean> {
  if (!("Notification" in globalThis) || (await Notification.requestPermission()) !== "granted") {
    return false;
  }
  const registration = (await navigator.serviceWorker?.getRegistration()) as Periodic | undefined;
  if (registration?.periodicSync === undefined) {
    return false;
  }
  try {
    await registration.periodicSync.register("look", { minInterval: 6 * 60 * MINUTE * 1000 });
    return true;
  } catch {
    // Chromium allows it to pages on the home screen alone.
    return false;
  }
}

/** Reminds of checking out while the page is there, once for each visit. */
export function remindWhenDue(frame: Frame): void {
  // The state that says so comes a moment after the notification.
  const told = new Set<string>();
  const remind = async (): Promise<void> => {
    const isDue = ({ id, isReminded, reminderDue }: OpenVisit): boolean =>
      !isReminded && !told.has(id) && reminderDue <= now();
    const due = frame.state?.open.filter(isDue) ?? [];
    if (due.length === 0 || !(document.hidden && "Notification" in globalThis)) {
      return; // the home screen says it to whoever looks at it
    }
    if (Notification.permission === "granted") {
      due.forEach(({ id }) => told.add(id));
      const registration = await navigator.serviceWorker?.getRegistration();
      await registration?.showNotification("Noren", { body: texts.reminder, tag: "check-out" });
      await Promise.all(due.map((visit) => ask("reminded", { visit: visit.id })));
    }
  };
  setInterval(() => void remind().catch(() => {}), MINUTE * 1000);
}

interface Periodic extends ServiceWorkerRegistration {
  periodicSync?: { register(tag: string, options: { minInterval: number }): Promise<void> };
}

const FILE = "noren.ics";
const EVENING = "190000";
const EVENINGS = 14;

function escape(words: string): string {
  return words.replace(/[\\;,]/g, "\\$&").replace(/\n/g, "\\n");
}

/** Breaks a line after at most 75 bytes, as RFC 5545 (3.1) wants. */
function fold(line: string): string {
  const encoder = new TextEncoder();
  let folded = "";
  let length = 0;
  for (const letter of line) {
    const size = encoder.encode(letter).length;
    if (length + size > 74) {
      folded += "\r\n ";
      length = 1;
    }
    folded += letter;
    length += size;
  }
  return folded;
}
