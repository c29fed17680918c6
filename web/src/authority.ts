// Follows another authority, after its name and fingerprint were shown.

import type { State } from "./ask.js";
import { button, buttons, element, facts, more, text } from "./elements.js";
import type { Frame } from "./frame.js";
import { Refusal, ask } from "./phone.js";
import { texts } from "./texts.js";
import { witnessFields } from "./witnesses.js";

/** Asks the server at an address who it is, and the visitor whether to follow; then goes on. */
export async function showAuthority(frame: Frame, address: string, then: () => void | Promise<void>): Promise<void> {
  const seen = await ask("see-authority", { address }).catch((error: unknown) => {
    throw elsewhere(error, address);
  });
  await frame.show(() => {
    const { authority } = texts;
    const { rows, read } = witnessFields(null);
    const follow = button("confirm-follow", authority.follow, async () => {
      await ask("follow", { address, fingerprint: seen.fingerprint, witnesses: read() });
      await then();
      frame.say(authority.followed);
    }, "primary");
    const nodes = [
      text(authority.explain),
      facts(
        [authority.name, seen.name],
        [authority.address, seen.url],
        [authority.fingerprint, element("code", { class: "fingerprint" }, inGroups(seen.fingerprint))]),
      text(authority.compare),
      more("witnesses", texts.witnesses.heading, ...rows),
      buttons(follow, button("cancel", texts.kept.cancel, then)),
    ];
    return { name: "authority", title: authority.heading, back: () => void then(), nodes };
  });
}

/** A page may reach its own server and those that this allows: where another cannot be reached, there is
 * a page of that authority's own. */
function elsewhere(error: unknown, address: string): unknown {
  const there = /^https?:\/\//i.test(address.trim()) ? address.trim() : `https://${address.trim()}`;
  const isOffline = error instanceof Refusal && error.code === "offline";
  if (!isOffline || !URL.canParse(there) || new URL(there).origin === location.origin || !navigator.onLine) {
    return error;
  }
  return new Refusal({ code: "elsewhere", detail: new URL(there).href });
}

/** The time zone in which the page's own authority tells times, or the first that is followed. */
export function zoneOf(state: State | null): string {
  return (state?.own ?? state?.authorities[0])?.timeZone ?? "";
}

/** In groups of four, as they are read out. */
export function inGroups(fingerprint: string): string {
  return fingerprint.replaceAll(/\s/g, "").replace(/(.{4})(?=.)/g, "$1 ");
}
