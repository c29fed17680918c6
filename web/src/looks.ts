// What goes to the scanner's worker, and what comes back.

/** A picture to read. `frame` is the number of a camera's frame, or null for a picture of its own. */
export interface Look {
  id: number;
  frame: number | null;
  rgba: ArrayBuffer;
  width: number;
  height: number;
}

/** The texts in it, or null if it could not be read: a picture may be more than the module can take. */
export interface Seen {
  id: number;
  texts: string[] | null;
}
