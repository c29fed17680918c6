// The scanner's worker: it holds the module that reads codes, and nothing else. It sends nothing and
// keeps nothing.

import type { Look, Seen } from "./looks.js";
import init, { readFrame, readPicture } from "./noren_scanner.js";

const scope = self as unknown as DedicatedWorkerGlobalScope;

const ready = init();
// A module that does not start is told with the first answer.
ready.catch(() => {});

scope.addEventListener("message", (event: MessageEvent<Look>) => {
  const look = event.data;
  void read(look).then((texts) => scope.postMessage({ id: look.id, texts } satisfies Seen));
});

async function read({ frame, rgba, width, height }: Look): Promise<string[] | null> {
  try {
    await ready;
    const bytes = new Uint8Array(rgba);
    return frame === null ? readPicture(bytes, width, height) : readFrame(bytes, width, height, frame);
  } catch {
    return null;
  }
}
