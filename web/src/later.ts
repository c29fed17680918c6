// Screens that are loaded when somebody wants them, so that the first one is there sooner.

import type { Poster } from "./ask.js";
import type { Frame } from "./frame.js";
import type { ScanWish } from "./scanning.js";

export async function openKept(frame: Frame): Promise<void> {
  await (await import("./kept.js")).showKept(frame);
}

export async function openLocked(frame: Frame, then: () => void): Promise<void> {
  await (await import("./locked.js")).showLocked(frame, then);
}

export async function openOwner(frame: Frame): Promise<void> {
  await (await import("./owner/owner.js")).showOwner(frame);
}

export async function openScan(frame: Frame, wish: ScanWish): Promise<void> {
  await (await import("./scanning.js")).showScan(frame, wish);
}

export async function openSlip(frame: Frame): Promise<void> {
  await (await import("./check-slip.js")).showSlip(frame);
}

export async function openSlipOf(frame: Frame, poster: Poster): Promise<void> {
  await (await import("./check-slip.js")).showSlipOf(frame, poster);
}

export async function openTrust(frame: Frame): Promise<void> {
  await (await import("./trust.js")).showTrust(frame);
}
