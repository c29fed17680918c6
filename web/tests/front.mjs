// What stands between browsers and a town's server: it writes down every request as it came over the
// wire, can be taken off the network, and can lie, as a hostile server would.

import { createServer, request as ask } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";

/** As the server's own, for a page that is served from here because the server cannot yet. */
function policy(connect) {
  return [
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'",
    "img-src 'self' blob: data:; font-src 'self'; media-src 'self' blob:",
    `connect-src ${["'self'", ...connect].join(" ")}`,
    "worker-src 'self'; manifest-src 'self'; form-action 'none'; frame-ancestors 'none'",
    "base-uri 'none'; require-trusted-types-for 'script'; trusted-types noren",
  ].join("; ");
}

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".otf": "font/otf",
};

/** What is the log's and the authority's, and never the page's. */
export function isOfTheLog(url) {
  return /^\/(checkpoint|tile\/|v1\/|v3\/)/.test(url);
}

export class Front {
  /** Every request: method, address, headers in their order, body. */
  requests = [];
  /** Changes an answer before it is given: `(request, answer) => answer`, where null ends the
   * connection without a word. */
  change = null;

  #server;
  #port;
  #behind;
  #page;
  #connections = new Set();

  /** `page`: a folder whose page is served from here, and what else that page may connect to. */
  constructor(port, behind, page = null) {
    this.#port = port;
    this.#behind = behind;
    this.#page = page;
  }

  async open() {
    this.#server = createServer((request, answer) => this.#serve(request, answer));
    this.#server.on("connection", (connection) => {
      this.#connections.add(connection);
      connection.on("close", () => this.#connections.delete(connection));
    });
    await new Promise((resolve, reject) => {
      this.#server.on("error", reject);
      this.#server.listen(this.#port, "127.0.0.1", resolve);
    });
  }

  /** Off the network: nobody listens here any more. */
  async close() {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#connections.forEach((connection) => connection.destroy());
    await closed;
  }

  /** What is asked while something is done. */
  async during(done) {
    const before = this.requests.length;
    await done();
    return this.requests.slice(before);
  }

  /** Lets another server answer. */
  turnTo(port) {
    this.#behind = port;
  }

  async #serve(request, answer) {
    const parts = [];
    for await (const part of request) {
      parts.push(part);
    }
    const { method, url, rawHeaders } = request;
    const asked = { method, url, headers: rawHeaders, body: Buffer.concat(parts) };
    this.requests.push(asked);
    let given;
    try {
      given = (await this.#ofTheFolder(url)) ?? (await this.#forward(asked));
      given = this.change ? await this.change(asked, given) : given;
    } catch (error) {
      given = { status: 502, headers: {}, body: Buffer.from(String(error)) };
    }
    if (given === null) {
      request.socket.destroy();
      return;
    }
    answer.writeHead(given.status, { ...given.headers, "content-length": given.body.length });
    answer.end(method === "HEAD" ? undefined : given.body);
  }

  async #ofTheFolder(url) {
    const path = decodeURIComponent(new URL(url, "http://page").pathname);
    if (this.#page === null || isOfTheLog(path)) {
      return null;
    }
    const name = path === "/" ? "index.html" : normalize(path).replace(/^\/+/, "");
    const body = await readFile(join(this.#page.folder, name)).catch(() => null);
    if (body === null) {
      return { status: 404, headers: {}, body: Buffer.from("no such file\n") };
    }
    const headers = {
      "content-type": TYPES[extname(name)] ?? "application/octet-stream",
      "cache-control": "no-cache",
      "content-security-policy": policy(this.#page.connect),
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    };
    return { status: 200, headers, body };
  }

  // As the server's own [API-35], for a page that is served from here.
  async #forward(asked) {
    const given = await this.#pass(asked);
    if (this.#page !== null && asked.method === "GET") {
      given.headers["access-control-allow-origin"] = "*";
    }
    return given;
  }

  #pass({ method, url, headers, body }) {
    return new Promise((resolve, reject) => {
      const options = { host: "127.0.0.1", port: this.#behind, method, path: url, headers };
      const passed = ask(options, (answer) => {
        const parts = [];
        answer.on("data", (part) => parts.push(part));
        answer.on("error", reject);
        answer.on("end", () => {
          const kept = { ...answer.headers };
          ["transfer-encoding", "content-length", "connection", "keep-alive"].forEach((name) => {
            delete kept[name];
          });
          resolve({ status: answer.statusCode, headers: kept, body: Buffer.concat(parts) });
        });
      });
      passed.on("error", reject);
      passed.end(body);
    });
  }
}
