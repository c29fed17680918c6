// Reads what was scanned or pasted, and says what else than a poster it is.

import type { FailureCode, Poster } from "./ask.js";
import { Refused, failureOf } from "./failures.js";
import { type Keeper, now } from "./vault.js";

/** Reads a link. A vault that is locked tells nothing of an open visit, and everything else. [WEB-2] */
export async function readPoster(keeper: Keeper, link: string): Promise<Poster> {
  const copy = await keeper.copy().catch(() => null);
  const device = copy?.device ?? (await keeper.bare());
  try {
    return withHost(JSON.parse(device.read_poster(link, await keeper.ownToFollow(), now())) as Poster);
  } catch (error) {
    const failure = failureOf(error);
    throw failure.code === "not-a-code" ? new Refused(whatElse(link, keeper.own.address), failure.detail) : error;
  } finally {
    device.free();
  }
}

/** A host that no browser takes for one is nobody's server. */
function withHost(poster: Poster): Poster {
  if (!URL.canParse(poster.link) || !/^https?:$/.test(new URL(poster.link).protocol)) {
    throw new Refused("not-a-code", "the link has no address of a server");
  }
  return poster;
}

/** What somebody took for a code, as far as its shape tells. [WEB-16] */
function whatElse(link: string, own: string): FailureCode {
  const text = link.trim();
  if (text === "") {
    return "no-link";
  }
  if (!URL.canParse(text)) {
    return "not-a-code";
  }
  const { origin, pathname, protocol, search, hash } = new URL(text);
  if (!/^https?:$/.test(protocol)) {
    return "not-a-code";
  }
  const address = origin + pathname.replace(/\/$/, "");
  const isPage = address === own || address === new URL(".", self.location.href).href.replace(/\/$/, "");
  if (isPage && hash === "" && !search.startsWith("?v=")) {
    return "page-address";
  }
  // A poster's link has a version and, behind `#`, its code: what has both was one.
  return isPage || (/^\?v=\d/.test(search) && hash.length > 1) ? "damaged-code" : "not-a-code";
}
