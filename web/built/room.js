// Sees that there is room before the database is touched. Chromium's database, where a disk fills up in
// the middle of a write, goes on behind the torn end of its log, and deletes all of it at its next start
// because it cannot be read: everything would be lost. A scratch file that cannot grow harms nobody.
import { Refused } from "./failures.js";
import { alone } from "./tabs.js";
const NAME = "room";
/** Refuses where the disk does not take so many bytes more. */
export function seeThatThereIsRoom(bytes) {
    // One at a time: a file can be open once.
    return alone("noren-room", async () => {
        const file = await scratch();
        if (file === null) {
            return;
        }
        try {
            if (file.write(new Uint8Array(bytes), { at: 0 }) < bytes) {
                throw new Refused("full", "the disk has no room");
            }
            file.flush();
        }
        catch (error) {
            throw error instanceof Refused ? error : new Refused("full", String(error));
        }
        finally {
            release(file);
        }
    });
}
/** Removes the file, with everything else. */
export async function forgetRoom() {
    try {
        const folder = await navigator.storage.getDirectory();
        await folder.removeEntry(NAME);
    }
    catch {
        // There is none.
    }
}
/** The file; null where a browser has none for pages, or not for this one: then the database alone tells. */
async function scratch() {
    try {
        const folder = await navigator.storage.getDirectory();
        const file = await folder.getFileHandle(NAME, { create: true });
        return await file.createSyncAccessHandle();
    }
    catch {
        return null;
    }
}
function release(file) {
    try {
        file.truncate(0);
    }
    finally {
        file.close();
    }
}
