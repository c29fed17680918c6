import { ask } from "./phone.js";
import { save } from "./saving.js";
import { texts } from "./texts.js";
import { MINUTE, now } from "./times.js";
export function saveCalendar() {
    const stamp = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
    const two = (value) => String(value).padStart(2, "0");
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
export async function lookInBackground() {
    if (!("Notification" in globalThis) || (await Notification.requestPermission()) !== "granted") {
        return false;
    }
    const registration = (await navigator.serviceWorker?.getRegistration());
    if (registration?.periodicSync === undefined) {
        return false;
    }
    try {
        await registration.periodicSync.register("look", { minInterval: 6 * 60 * MINUTE * 1000 });
        return true;
    }
    catch {
        return false;
    }
}
export function remindWhenDue(frame) {
    const told = new Set();
    const remind = async () => {
        const isDue = ({ id, isReminded, reminderDue }) => !isReminded && !told.has(id) && reminderDue <= now();
        const due = frame.state?.open.filter(isDue) ?? [];
        if (due.length === 0 || !(document.hidden && "Notification" in globalThis)) {
            return;
        }
        if (Notification.permission === "granted") {
            due.forEach(({ id }) => told.add(id));
            const registration = await navigator.serviceWorker?.getRegistration();
            await registration?.showNotification("Noren", { body: texts.reminder, tag: "check-out" });
            await Promise.all(due.map((visit) => ask("reminded", { visit: visit.id })));
        }
    };
    setInterval(() => void remind().catch(() => { }), MINUTE * 1000);
}
const FILE = "noren.ics";
const EVENING = "190000";
const EVENINGS = 14;
function escape(words) {
    return words.replace(/[\\;,]/g, "\\$&").replace(/\n/g, "\\n");
}
function fold(line) {
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
