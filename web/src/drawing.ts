// What goes between a page and its press.

/** What is printed, as the press calls it; "sheet" is the private one. */
export type Paper = "a4" | "tent" | "screen" | "slips" | "sheet";

export interface Drawing {
  id: number;
  paper: Paper;
  place: string; // the document that the press reads
  code: string; // the poster's link; for a sheet the trace code, secret
  languages: string; // tags between commas, the first on top
}

/** Why nothing was drawn. */
export type PressProblem =
  | "missing-character" // no font at hand has a character of a name
  | "languages"
  | "code-too-long" // too dense a code for this form
  | "font"
  | "place"
  | "failed"
  | "not-loaded"; // module and fonts: offline, or too old a browser

export type Drawn =
  | { id: number; pdf: Uint8Array<ArrayBuffer> }
  | { id: number; problem: PressProblem; character: string };
