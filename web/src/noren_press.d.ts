// What wasm-bindgen writes of web/press.

/** Draws a page as a PDF file; throws an error with a `code`. */
export function draw(form: string, place: string, link: string, languages: string, fonts: Uint8Array[]): Uint8Array;
export default function init(): Promise<unknown>;
