import { onLink, takeLink } from "./link.js";
import { showArrive } from "./arrive.js";
import { problem } from "./elements.js";
import { Frame } from "./frame.js";
import { showHome } from "./home.js";
import "./installing.js";
import { openLocked } from "./later.js";
import { lookWhenSeen } from "./looking.js";
import { changeWhenIdle, keepOffline } from "./offline.js";
import { ask, wakeWorker } from "./phone.js";
import { remindWhenDue } from "./reminders.js";
import { language, startLanguage, texts } from "./texts.js";
wakeWorker();
await startLanguage();
const link = takeLink();
const isKept = Boolean(navigator.serviceWorker?.controller);
if (!(isKept && (await keepOffline(link === null)))) {
    await start(link);
}
if (!isKept) {
    void keepOffline(false);
}
async function start(opened) {
    const frame = new Frame(() => home(frame));
    try {
        await ask("speak", { languages: [language, "en"] });
        frame.hear(await ask("state", {}));
    }
    catch (error) {
        await frame.show(() => ({ name: "problem", title: texts.title, nodes: [problem("defect", String(error))] }));
        return;
    }
    if (opened === null) {
        home(frame);
    }
    else {
        await showArrive(frame, opened, true);
    }
    onLink((next) => void showArrive(frame, next, true));
    changeWhenIdle(frame);
    lockWhenLocked(frame);
    lookWhenSeen(frame);
    remindWhenDue(frame);
}
function home(frame) {
    const isShut = frame.state?.vault === "locked" || frame.state?.vault === "damaged";
    void (isShut ? openLocked(frame, () => frame.home()) : showHome(frame));
}
const SHOW_NOTHING = new Set(["locked", "scan", "trust", "owner", "rooms", "set-up", "print", "answer", "problem"]);
function lockWhenLocked(frame) {
    let before = frame.state?.vault;
    frame.onState(({ vault }) => {
        if (before === "open" && vault === "locked" && !SHOW_NOTHING.has(frame.name)) {
            home(frame);
        }
        before = vault;
    });
}
