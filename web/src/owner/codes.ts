// The two codes that the authority reads out: what their lengths tell before the module is asked.

import { words } from "./texts.js";

/** How many letters and digits each has. */
export const UPLOAD = 18;
export const WINDOW = 10;

export interface Mistyped {
  upload: string | null;
  window: string | null;
}

/** What is wrong with either; null where nothing can be told by counting. [WEB-17] */
export function mistyped(upload: string, window: string): Mistyped | null {
  const { reply } = words;
  const [first, second] = [count(upload), count(window)];
  if (first === WINDOW && second === UPLOAD) {
    return { upload: reply.swapped, window: reply.swapped };
  }
  const wrong = (there: number, wanted: number): string | null => {
    if (there === 0) {
      return reply.missingCode;
    }
    return there === wanted ? null : reply.wrongLength(there, wanted);
  };
  const told = { upload: wrong(first, UPLOAD), window: wrong(second, WINDOW) };
  return told.upload === null && told.window === null ? null : told;
}

/** Letters and digits, whatever keyboard they come from; dashes and spaces do not count. */
function count(code: string): number {
  return [...code.normalize("NFKC").replace(/[^\p{L}\p{N}]|\u30FC/gu, "")].length;
}
