import init, { readFrame, readPicture } from "./noren_scanner.js";
const scope = self;
const ready = init();
ready.catch(() => { });
scope.addEventListener("message", (event) => {
    const look = event.data;
    void read(look).then((texts) => scope.postMessage({ id: look.id, texts }));
});
async function read({ frame, rgba, width, height }) {
    try {
        await ready;
        const bytes = new Uint8Array(rgba);
        return frame === null ? readPicture(bytes, width, height) : readFrame(bytes, width, height, frame);
    }
    catch {
        return null;
    }
}
