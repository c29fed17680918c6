// A disk that is nearly full: a small file system of its own, under the folder where a browser keeps what
// its pages store.

import { appendFile, mkdir, mkdtemp, rm, statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { does, run } from "./person.mjs";

/** The disk and the browser's profile on it; null where nobody may make one here, and the test is skipped. */
export async function smallDisk(t) {
  const folder = await mkdtemp(join(tmpdir(), "noren-disk-"));
  const profile = join(folder, "profile");
  const disk = join(profile, "Default", "IndexedDB");
  await mkdir(disk, { recursive: true });
  const mounted = await run("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", disk]);
  if (mounted.code !== 0) {
    await rm(folder, { recursive: true });
    await skip(t, "a full disk in the browser: making a small file system");
    return null;
  }
  // Hooks run in their order: the browser, which is made later, is still there when this one runs.
  t.after(async () => {
    await does("umount", ["--lazy", disk]);
    await rm(folder, { recursive: true, force: true });
  });
  const filler = join(disk, "filler");
  return {
    profile,
    async fill() {
      const { bavail, bsize } = await statfs(disk);
      await writeFile(filler, Buffer.alloc(bavail * bsize));
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
