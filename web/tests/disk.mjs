// A disk that becomes full: a small file system of its own, which holds what pages keep. What a browser
// writes for itself would take the last room, and lies elsewhere.

import assert from "node:assert/strict";
import { appendFile, mkdir, mkdtemp, rm, statfs, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { does, run } from "./person.mjs";

/** The disk and the browser's profile on it; null where nobody may make one here, and the test is skipped. */
export async function smallDisk(t) {
  const disk = await mkdtemp(join(tmpdir(), "noren-disk-"));
  const mounted = await run("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", disk]);
  if (mounted.code !== 0) {
    await rm(disk, { recursive: true });
    await skip(t, "mount\ta full disk under a browser");
    return null;
  }
  const profile = await mkdtemp(join(tmpdir(), "noren-profile-"));
  const made = { profile, browser: null };
  t.after(async () => {
    // Before the disk under it goes.
    await made.browser?.remove();
    await does("umount", ["--lazy", disk]);
    await rm(disk, { recursive: true, force: true });
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  });
  await mkdir(join(profile, "Default"));
  for (const folder of ["IndexedDB", "File System", "WebStorage"]) {
    await mkdir(join(disk, folder));
    await symlink(join(disk, folder), join(profile, "Default", folder));
  }
  const filler = join(disk, "filler");
  return Object.assign(made, {
    async fill() {
      const { blocks, bsize } = await statfs(disk);
      await assert.rejects(writeFile(filler, Buffer.alloc(blocks * bsize)), { code: "ENOSPC" });
    },
    clear: () => rm(filler),
  });
}

/** Notes what could not be tried here, for the list at the end of CI. */
async function skip(t, why) {
  if (process.env.NOREN_SKIPPED) {
    await appendFile(process.env.NOREN_SKIPPED, `${why}\n`);
  }
  t.skip(why);
}
