// Writes into the page's first file what a browser needs before it can show anything, so that it asks
// for all of it at once, and not for one module after the other: node preloads.mjs FOLDER.

import { readFileSync, writeFileSync } from "node:fs";
import { join, normalize } from "node:path/posix";
import { argv } from "node:process";

const PLACE = "<!-- preloads -->\n";
const [folder] = argv.slice(2);

/** A module and all that it imports, but what it loads later. */
function withImports(module, found = new Set()) {
  if (!found.has(module)) {
    found.add(module);
    const text = readFileSync(join(folder, module), "utf8");
    for (const [, from] of text.matchAll(/^(?:import|export)\b[^;]*?"(\.[^"]+)";/gm)) {
      withImports(normalize(join(module, "..", from)), found);
    }
  }
  return found;
}

const path = join(folder, "index.html");
const page = readFileSync(path, "utf8");
if (page.split(PLACE).length !== 2) {
  throw new Error(`${path} has no place for what is loaded first`);
}
const modules = [...withImports("page.js")].filter((module) => module !== "page.js").sort();
const links = modules.map((module) => `<link rel="modulepreload" href="${module}">\n`);
writeFileSync(path, page.replace(PLACE, links.join("")));
