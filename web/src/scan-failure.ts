// Why nothing was scanned. Every screen can say it; the scanner comes when it is wanted.

/** Why nothing can be scanned. */
export type ScanProblem =
  | "camera-denied" // by the visitor, by the browser's settings, or because the page is not secure
  | "no-camera"
  | "camera-in-use"
  | "no-code" // none in the picture
  | "not-a-picture" // a file that this browser shows no picture of
  | "scanner-failed"; // the module was not loaded: offline before the first time, or too old a browser

export class ScanFailure extends Error {
  readonly problem: ScanProblem;

  constructor(problem: ScanProblem) {
    super(problem);
    this.name = "ScanFailure";
    this.problem = problem;
  }
}
