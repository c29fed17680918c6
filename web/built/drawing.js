// What goes between a page and its press.
export {};
