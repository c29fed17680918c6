// Signed heads of a log that contradict each other: says that it happened, and gives them to whoever may
// judge the authority. [WEB-12]

import type { Evidence } from "./ask.js";
import { button, buttons, element, text } from "./elements.js";
import type { Frame } from "./frame.js";
import { ask } from "./phone.js";
import { save } from "./saving.js";
import { texts } from "./texts.js";

/** One card for each log; what is kept against it is saved and deleted together. */
export function evidenceCards(frame: Frame, all: Evidence[]): Node[] {
  const { evidence: told } = texts;
  const logs = new Map(all.map((evidence) => [evidence.log, evidence.authority]));
  return [...logs].map(([log, authority]) => element("section", { class: "card alarm", "data-evidence": log },
    element("h2", {}, told.heading),
    text(told.of(authority)),
    text(told.why),
    buttons(
      button("save-evidence", told.save, () => saveEvidence(log, all)),
      button("forget-evidence", told.forget, async () => {
        await ask("forget-evidence", { log });
        frame.say(told.forgotten);
      }, "quiet"))));
}

async function saveEvidence(log: string, all: Evidence[]): Promise<void> {
  const { archive } = await import("./archive.js");
  const files = all.filter((evidence) => evidence.log === log).flatMap((evidence) => evidence.files);
  const stored = files.map(({ path, text: words }) => ({ path, bytes: new TextEncoder().encode(words) }));
  // No time in it tells when somebody looked.
  save(`${log}evidence.zip`, "application/zip", new Blob(archive(stored, new Date(1980, 0, 1))));
}
