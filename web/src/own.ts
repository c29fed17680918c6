// The page's own authority: the one whose server hands the page out. It is known, in memory alone, once
// its server was reached; it is followed when the visitor checks in.

import type { Authority } from "./ask.js";
import { Refused } from "./failures.js";
import { download, textOf } from "./fetching.js";
import { see_authority } from "./noren_wasm.js";
import type { Looked } from "./store.js";
import { authority } from "./vault.js";

const MAX_PROFILE = 65_536;
const MAX_ADDRESS = 1_000;

export class Own {
  profile: Uint8Array<ArrayBuffer> | null = null;
  /** Where it was found: its log is below. */
  address: string;

  constructor(page: string) {
    this.address = new URL(".", page).href.replace(/\/$/, "");
  }

  /**
   * Asks for its profile. A page that somebody hosts elsewhere has none beside it; there a text file,
   * `authority.txt`, may say where it is, and on a second line by which fingerprint it is known.
   */
  async fetch(): Promise<void> {
    let answer = await download(`${this.address}/v1/authority`, MAX_PROFILE);
    let fingerprint = "";
    if (answer.bytes === null) {
      const file = await download(`${this.address}/authority.txt`, MAX_ADDRESS);
      const [first, second] = file.bytes === null ? [] : textOf(file.bytes).trim().split("\n");
      const there = addressIn(first ?? "");
      fingerprint = plain(second ?? "");
      if (there === null) {
        return;
      }
      this.address = there;
      answer = await download(`${this.address}/v1/authority`, MAX_PROFILE);
    }
    if (answer.bytes !== null) {
      // Throws for what is no profile.
      const found = (JSON.parse(see_authority(answer.bytes)) as Authority).fingerprint;
      // [WEB-24]
      if (fingerprint !== "" && plain(found) !== fingerprint) {
        throw new Refused("wrong-fingerprint", `authority.txt names the fingerprint ${fingerprint}, and not ${found}`);
      }
      this.profile = answer.bytes;
    }
  }

  seen(looked: Looked[] = []): Authority | null {
    return this.profile === null ? null : authority(JSON.parse(see_authority(this.profile)), looked);
  }
}

/** A fingerprint however it is written: in groups, in capitals. */
function plain(fingerprint: string): string {
  return fingerprint.replaceAll(/[\s-]/g, "").toLowerCase();
}

function addressIn(text: string): string | null {
  const address = text.trim();
  return URL.canParse(address) && /^https?:/.test(address) ? address.replace(/\/$/, "") : null;
}
