// Visits that lie in the past: of somebody who forgot to scan, or kept a slip.

import { Refusal } from "./phone.js";

/** What speaks of now speaks of then. */
export function ofThen(error: unknown): unknown {
  const then = { "not-yet-valid": "before-valid", "no-longer-valid": "after-valid" } as const;
  return error instanceof Refusal && (error.code === "not-yet-valid" || error.code === "no-longer-valid")
    ? new Refusal({ code: then[error.code], detail: error.detail })
    : error;
}
