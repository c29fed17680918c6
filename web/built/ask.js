// What the page asks of its worker, and what the worker answers. The worker alone holds the vault, its
// key and the WebAssembly module; the page has words and buttons. Times are Unix seconds.
export {};
