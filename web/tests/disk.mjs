// A disk that becomes full: a small file system of its own, which holds all that a browser keeps.

import assert from "node:assert/strict";
import { appendFile, mkdtemp, rm, statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { does, run } from "./person.mjs";

/** The disk and the browser's profile on it; null where nobody may make one here, and the test is skipped. */
export async function smallDisk(t) {
  const disk = await mkdtemp(join(tmpdir(), "noren-disk-"));
  const mounted = await run("mount", ["-t", "tmpfs", "-o", "size=64m", "tmpfs", disk]);
  if (mounted.code !== 0) {
    await rm(disk, { recursive: true });
    await skip(t, "mount\ta full disk under a browser");
    return null;
  }
  // Hooks run in their order: the browser, which is made later, is still there when this one runs.
  t.after(async () => {
    await does("umount", ["--lazy", disk]);
    await rm(disk, { recursive: true, force: true });
  });
  const profile = join(disk, "profile");
  const filler = join(disk, "filler");
  return {
    profile,
    async fill() {
      const { blocks, bsize } = await statfs(disk);
      await assert.rejects(writeFile(filler, Buffer.alloc(blocks * bsize)), { code: "ENOSPC" });
    },
    clear: () => rm(filler),
  };
}

/** Notes what could not be tried here, for the list at the end of CI. */
async function skip(t, why) {
  if (process.env.NOREN_SKIPPED) {
    await appendFile(process.env.NOREN_SKIPPED, `${why}\n`);
  }
  t.skip(why);
}
