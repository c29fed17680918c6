// Begins the page: the link first, then a newer version or the worker, whose module takes longest, the
// language, a screen.

import { onLink, takeLink } from "./link.js";
import { showArrive } from "./arrive.js";
import { problem } from "./elements.js";
import { Frame } from "./frame.js";
import { showHome } from "./home.js";
// Here from the start: browsers offer the home screen once, and early.
import "./installing.js";
import { openLocked } from "./later.js";
import { lookWhenSeen } from "./looking.js";
import { changeWhenIdle, isLoadedAgain, keepOffline } from "./offline.js";
import { ask, wakeWorker } from "./phone.js";
import { remindWhenDue } from "./reminders.js";
import { language, startLanguage, texts } from "./texts.js";

const link = takeLink();
// A second loading would lose the link.
if (link !== null || !(await isLoadedAgain())) {
  await start(link);
  // What is fetched for later keeps nobody waiting who stands at a door now. [WEB-11]
  void keepOffline();
}

async function start(opened: string | null): Promise<void> {
  const frame: Frame = new Frame(() => home(frame));
  await changeWhenIdle(frame);
  wakeWorker();
  await startLanguage();
  try {
    await ask("speak", { languages: [language, "en"] });
    frame.hear(await ask("state", {}));
  } catch (error) {
    await frame.show(() => ({ name: "problem", title: texts.title, nodes: [problem("defect", String(error))] }));
    return;
  }
  if (opened === null) {
    home(frame);
  } else {
    await showArrive(frame, opened, true);
  }
  onLink((next) => void showArrive(frame, next, true));
  lockWhenLocked(frame);
  lookWhenSeen(frame);
  remindWhenDue(frame);
}

function home(frame: Frame): void {
  const isShut = frame.state?.vault === "locked" || frame.state?.vault === "damaged";
  void (isShut ? openLocked(frame, () => frame.home()) : showHome(frame));
}

/** Screens that show nothing of what is kept, nor of what somebody asks about. */
const SHOW_NOTHING = new Set(["locked", "scan", "trust", "owner", "rooms", "set-up", "print", "answer", "problem"]);

/** What another tab has locked is not left on the screen. */
function lockWhenLocked(frame: Frame): void {
  let before = frame.state?.vault;
  frame.onState(({ vault }) => {
    // A code that is opened while it is locked tells nothing of a visit.
    if (before === "open" && vault === "locked" && !SHOW_NOTHING.has(frame.name)) {
      home(frame);
    }
    before = vault;
  });
}
