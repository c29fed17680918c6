// What web/build writes into files.js.

/** One digest for all of the page's files. */
export const VERSION: string;
/** The page's files by path, and the SHA-256 digest of each in hexadecimal digits. */
export const FILES: Readonly<Record<string, string>>;
