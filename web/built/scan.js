import { ScanFailure } from "./scan-failure.js";
import { startWorker } from "./workers.js";
export class Scanner {
    #onText;
    #onFailure;
    #reader = null;
    #camera = null;
    #video = null;
    #canvas = document.createElement("canvas");
    #time = 0;
    constructor(onText, onFailure = () => { }) {
        this.#onText = onText;
        this.#onFailure = onFailure;
    }
    async start(video) {
        this.stop();
        const time = this.#time;
        const camera = await openCamera();
        if (time !== this.#time) {
            close(camera);
            return;
        }
        this.#camera = camera;
        this.#video = video;
        camera.getVideoTracks()[0]?.addEventListener("ended", () => this.#ended(time));
        video.muted = true;
        video.playsInline = true;
        video.srcObject = camera;
        await video.play().catch(() => { });
        void this.#readFrames(time);
    }
    stop() {
        this.#time += 1;
        if (this.#camera !== null) {
            close(this.#camera);
            this.#camera = null;
        }
        if (this.#video !== null) {
            this.#video.srcObject = null;
            this.#video = null;
        }
        this.#reader?.end();
        this.#reader = null;
        wipe(this.#canvas);
    }
    get isRunning() {
        return this.#camera !== null;
    }
    get hasTorch() {
        const track = this.#camera?.getVideoTracks()[0];
        const capabilities = track?.getCapabilities?.();
        return Boolean(capabilities?.torch);
    }
    async setTorch(isOn) {
        const track = this.#camera?.getVideoTracks()[0];
        try {
            await track?.applyConstraints({ advanced: [{ torch: isOn }] });
            return track !== undefined;
        }
        catch {
            return false;
        }
    }
    async readPicture(picture) {
        const bitmap = await createImageBitmap(picture).catch(() => null);
        if (bitmap === null) {
            throw new ScanFailure("not-a-picture");
        }
        const reader = this.#reader ?? new Reader(LONGEST_PICTURE);
        try {
            return await readAtSides(bitmap, reader);
        }
        finally {
            bitmap.close();
            if (reader !== this.#reader) {
                reader.end();
            }
        }
    }
    #ended(time) {
        if (time === this.#time) {
            this.stop();
            this.#onFailure(new ScanFailure("camera-in-use"));
        }
    }
    async #readFrames(time) {
        let last = null;
        let failures = 0;
        for (let frame = 0; time === this.#time; frame += 1) {
            await nextFrame(this.#video);
            const image = this.#video === null ? null : draw(this.#canvas, this.#video, FRAME_SIDE);
            if (time !== this.#time || image === null || document.hidden) {
                continue;
            }
            this.#reader ??= new Reader(LONGEST_FRAME);
            const texts = await this.#reader.read(image, frame);
            if (time !== this.#time) {
                return;
            }
            failures = texts === null ? failures + 1 : 0;
            if (failures === MOST_FAILURES) {
                this.stop();
                this.#onFailure(new ScanFailure("scanner-failed"));
                return;
            }
            const text = choose(texts ?? []);
            if (text !== null && text !== last) {
                last = text;
                this.#onText(text);
            }
        }
    }
}
const FRAME_SIDE = 1_280;
const PICTURE_SIDES = [1_200, 2_400, 600, 4_000];
const LONGEST_FRAME = 5_000;
const LONGEST_PICTURE = 30_000;
const MOST_FAILURES = 3;
class Reader {
    #worker = null;
    #waiting = new Map();
    #next = 1;
    #longest;
    constructor(longest) {
        this.#longest = longest;
    }
    read(image, frame) {
        const worker = (this.#worker ??= this.#begin());
        const id = this.#next++;
        const { width, height } = image;
        const rgba = image.data.buffer;
        return new Promise((resolve) => {
            const timer = setTimeout(() => this.end(), this.#longest);
            this.#waiting.set(id, (texts) => {
                clearTimeout(timer);
                resolve(texts);
            });
            worker.postMessage({ id, frame, rgba, width, height }, [rgba]);
        });
    }
    end() {
        this.#worker?.terminate();
        this.#worker = null;
        const waiting = [...this.#waiting.values()];
        this.#waiting.clear();
        waiting.forEach((answer) => answer(null));
    }
    #begin() {
        const worker = startWorker("scanner.js");
        worker.addEventListener("message", ({ data }) => {
            const answer = this.#waiting.get(data.id);
            this.#waiting.delete(data.id);
            answer?.(data.texts);
        });
        worker.addEventListener("error", (event) => {
            event.preventDefault();
            if (worker === this.#worker) {
                this.end();
            }
        });
        return worker;
    }
}
async function openCamera() {
    if (navigator.mediaDevices?.getUserMedia === undefined) {
        throw new ScanFailure(globalThis.isSecureContext ? "no-camera" : "camera-denied");
    }
    const video = { facingMode: { ideal: "environment" }, width: { ideal: 1_280 }, height: { ideal: 720 } };
    try {
        return await navigator.mediaDevices.getUserMedia({ video, audio: false });
    }
    catch (error) {
        throw new ScanFailure(problemOf(error instanceof DOMException ? error.name : ""));
    }
}
function problemOf(name) {
    switch (name) {
        case "NotAllowedError":
        case "SecurityError":
            return "camera-denied";
        case "NotReadableError":
        case "AbortError":
            return "camera-in-use";
        default:
            return "no-camera";
    }
}
function close(camera) {
    camera.getTracks().forEach((track) => track.stop());
}
function nextFrame(video) {
    return new Promise((resolve) => {
        const timer = setTimeout(resolve, 250);
        video?.requestVideoFrameCallback?.(() => {
            clearTimeout(timer);
            resolve();
        });
    });
}
async function readAtSides(picture, reader) {
    const canvas = document.createElement("canvas");
    const longest = Math.max(picture.width, picture.height);
    const sides = new Set(PICTURE_SIDES.map((side) => Math.min(side, Math.max(longest, 1_200))));
    let other = null;
    let hasFailed = true;
    try {
        for (const side of sides) {
            for (const ground of ["#fff", "#000"]) {
                const image = draw(canvas, picture, side, ground);
                const texts = image && (await reader.read(image, null));
                hasFailed &&= texts === null;
                const text = choose(texts ?? []);
                if (text !== null && isLikely(text)) {
                    return text;
                }
                other ??= text;
            }
        }
    }
    finally {
        wipe(canvas);
    }
    if (other === null) {
        throw new ScanFailure(hasFailed ? "scanner-failed" : "no-code");
    }
    return other;
}
function choose(texts) {
    return texts.find(isLikely) ?? texts[0] ?? null;
}
function isLikely(text) {
    return /^https?:\/\/[^#]+#[\w-]{40,}=*$/i.test(text) || /^[\w-]{80,}=*$/.test(text);
}
function draw(canvas, source, side, ground) {
    const isVideo = source instanceof HTMLVideoElement;
    const width = isVideo ? source.videoWidth : source.width;
    const height = isVideo ? source.videoHeight : source.height;
    if (width === 0 || height === 0) {
        return null;
    }
    const scale = isVideo ? Math.min(1, side / Math.max(width, height)) : side / Math.max(width, height);
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (context === null) {
        return null;
    }
    if (ground !== undefined) {
        context.fillStyle = ground;
        context.fillRect(0, 0, canvas.width, canvas.height);
    }
    context.imageSmoothingQuality = "high";
    context.drawImage(source, 0, 0, canvas.width, canvas.height);
    return context.getImageData(0, 0, canvas.width, canvas.height);
}
function wipe(canvas) {
    canvas.width = 0;
    canvas.height = 0;
}
