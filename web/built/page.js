import { onLink, takeLink } from "./link.js";
import { showArrive } from "./arrive.js";
import { problem } from "./elements.js";
import { Frame } from "./frame.js";
import { showHome } from "./home.js";
import "./installing.js";
import { openLocked } from "./later.js";
import { lookWhenSeen } from "./looking.js";
import { changeWhenIdle, isLoadedAgain, keepOffline } from "./offline.js";
import { ask, wakeWorker } from "./phone.js";
import { remindWhenDue } from "./reminders.js";
import { language, startLanguage, texts } from "./texts.js";
const link = takeLink();
if (link !== null || !(await isLoadedAgain())) {
    await start(link);
    void keepOffline();
}
async function start(opened) {
    const frame = new Frame(() => home(frame));
    await changeWhenIdle(frame);
    wakeWorker();
    await startLanguage();
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
