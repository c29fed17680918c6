// From a camera or a picture to the text of a code. The frames go to a worker of the page's own and
// nowhere else; no picture is kept.

import type { Look, Seen } from "./looks.js";
import { ScanFailure, type ScanProblem } from "./scan-failure.js";
import { startWorker } from "./workers.js";

/** Reads codes until it is stopped. One for each time that the screen opens. */
export class Scanner {
  #onText: (text: string) => void;
  #onFailure: (failure: ScanFailure) => void;
  #reader: Reader | null = null;
  #camera: MediaStream | null = null;
  #video: HTMLVideoElement | null = null;
  #canvas = document.createElement("canvas");
  // Each start and stop is a new time: what still comes from an earlier one is not wanted.
  #time = 0;

  /**
   * `onText` gets the text of each code that the camera sees, once for as long as it is the same;
   * `onFailure` is told when a camera that ran stops by itself.
   */
  constructor(onText: (text: string) => void, onFailure: (failure: ScanFailure) => void = () => {}) {
    this.#onText = onText;
    this.#onFailure = onFailure;
  }

  /** Shows the camera in the element and reads what it sees. Rejects with a `ScanFailure`. */
  async start(video: HTMLVideoElement): Promise<void> {
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
    await video.play().catch(() => {});
    void this.#readFrames(time);
  }

  /** Ends the camera, its light and the worker. */
  stop(): void {
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

  get isRunning(): boolean {
    return this.#camera !== null;
  }

  /** Whether the camera that runs has a light. */
  get hasTorch(): boolean {
    const track = this.#camera?.getVideoTracks()[0];
    const capabilities = track?.getCapabilities?.() as { torch?: unknown } | undefined;
    return Boolean(capabilities?.torch);
  }

  /** Puts the light on or out; returns whether the camera did. */
  async setTorch(isOn: boolean): Promise<boolean> {
    const track = this.#camera?.getVideoTracks()[0];
    try {
      await track?.applyConstraints({ advanced: [{ torch: isOn } as MediaTrackConstraintSet] });
      return track !== undefined;
    } catch {
      return false;
    }
  }

  /** The text of the code in a picture or photograph. Rejects with a `ScanFailure`. */
  async readPicture(picture: Blob): Promise<string> {
    const bitmap = await createImageBitmap(picture).catch(() => null);
    if (bitmap === null) {
      throw new ScanFailure("not-a-picture");
    }
    const reader = this.#reader ?? new Reader(LONGEST_PICTURE);
    try {
      return await readAtSides(bitmap, reader);
    } finally {
      bitmap.close();
      if (reader !== this.#reader) {
        reader.end();
      }
    }
  }

  #ended(time: number): void {
    if (time === this.#time) {
      this.stop();
      this.#onFailure(new ScanFailure("camera-in-use"));
    }
  }

  async #readFrames(time: number): Promise<void> {
    let last: string | null = null;
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

/** The longest side of a frame that is read, in pixels: finer ones take longer and show no more. */
const FRAME_SIDE = 1_280;
/** The longest sides at which a picture is read, one after the other: smaller ones even out noise and
 * moiré, and large ones show small codes, but take long. */
const PICTURE_SIDES = [1_200, 2_400, 600, 4_000];
/** How long a look may take until another worker takes its place, in milliseconds. */
const LONGEST_FRAME = 5_000;
const LONGEST_PICTURE = 30_000;
const MOST_FAILURES = 3;

/** The worker, and who waits for it. */
class Reader {
  #worker: Worker | null = null;
  #waiting = new Map<number, (texts: string[] | null) => void>();
  #next = 1;
  #longest: number;

  constructor(longest: number) {
    this.#longest = longest;
  }

  /** The texts in a picture; null if it could not be read. */
  read(image: ImageData, frame: number | null): Promise<string[] | null> {
    const worker = (this.#worker ??= this.#begin());
    const id = this.#next++;
    const { width, height } = image;
    const rgba = image.data.buffer as ArrayBuffer;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.end(), this.#longest);
      this.#waiting.set(id, (texts) => {
        clearTimeout(timer);
        resolve(texts);
      });
      worker.postMessage({ id, frame, rgba, width, height } satisfies Look, [rgba]);
    });
  }

  /** Ends the worker; whoever waits gets null. The next look begins another. */
  end(): void {
    this.#worker?.terminate();
    this.#worker = null;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    waiting.forEach((answer) => answer(null));
  }

  #begin(): Worker {
    const worker = startWorker("scanner.js");
    worker.addEventListener("message", ({ data }: MessageEvent<Seen>) => {
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

async function openCamera(): Promise<MediaStream> {
  // Not there at all where the page came without TLS.
  if (navigator.mediaDevices?.getUserMedia === undefined) {
    throw new ScanFailure(globalThis.isSecureContext ? "no-camera" : "camera-denied");
  }
  const video = { facingMode: { ideal: "environment" }, width: { ideal: 1_280 }, height: { ideal: 720 } };
  try {
    return await navigator.mediaDevices.getUserMedia({ video, audio: false });
  } catch (error) {
    throw new ScanFailure(problemOf(error instanceof DOMException ? error.name : ""));
  }
}

function problemOf(name: string): ScanProblem {
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

function close(camera: MediaStream): void {
  camera.getTracks().forEach((track) => track.stop());
}

/** Waits for the video's next frame, or a little where the browser does not tell. */
function nextFrame(video: HTMLVideoElement | null): Promise<void> {
  return new Promise((resolve) => {
    // A camera that hangs, or a tab that is not seen, has no next frame.
    const timer = setTimeout(resolve, 250);
    video?.requestVideoFrameCallback?.(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

async function readAtSides(picture: ImageBitmap, reader: Reader): Promise<string> {
  const canvas = document.createElement("canvas");
  const longest = Math.max(picture.width, picture.height);
  const sides = new Set(PICTURE_SIDES.map((side) => Math.min(side, Math.max(longest, 1_200))));
  let other: string | null = null;
  let hasFailed = true;
  try {
    for (const side of sides) {
      // What is transparent shows paper, and where that hides the code, a dark screen.
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
  } finally {
    wipe(canvas);
  }
  if (other === null) {
    throw new ScanFailure(hasFailed ? "scanner-failed" : "no-code");
  }
  return other;
}

/** The one that is meant, among a menu and a network's password: whether it really is a venue's, the
 * library says. */
function choose(texts: string[]): string | null {
  return texts.find(isLikely) ?? texts[0] ?? null;
}

/** A poster's link carries its payload behind `#`; what is on a private sheet is one long word. */
function isLikely(text: string): boolean {
  return /^https?:\/\/[^#]+#[\w-]{40,}=*$/i.test(text) || /^[\w-]{80,}=*$/.test(text);
}

type Source = HTMLVideoElement | ImageBitmap;

/** What a source shows, with its longest side at most so long; null while it shows nothing. */
function draw(canvas: HTMLCanvasElement, source: Source, side: number, ground?: string): ImageData | null {
  const isVideo = source instanceof HTMLVideoElement;
  const width = isVideo ? source.videoWidth : source.width;
  const height = isVideo ? source.videoHeight : source.height;
  if (width === 0 || height === 0) {
    return null;
  }
  // Frames are only shrunk; a small picture is enlarged, which helps where a module is a pixel or two.
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

function wipe(canvas: HTMLCanvasElement): void {
  canvas.width = 0;
  canvas.height = 0;
}
