import { Refused } from "./failures.js";
import { alone } from "./tabs.js";
const NAME = "room";
export function seeThatThereIsRoom(bytes) {
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
export async function forgetRoom() {
    try {
        const folder = await navigator.storage.getDirectory();
        await folder.removeEntry(NAME);
    }
    catch {
    }
}
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
