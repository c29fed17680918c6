// What goes to the scanner's worker, and what comes back.
export {};
