// One file for many: a ZIP archive whose files are stored as they are. PDF files are packed already.

export interface Stored {
  path: string; // folders and name, between them "/"
  bytes: Uint8Array<ArrayBuffer>;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
/** What one needs to read it: version 2.0. */
const VERSION = 20;
/** Names are in UTF-8. */
const UTF8 = 0x0800;

/** Such an archive, for a `Blob`. */
export function archive(files: readonly Stored[], made: Date): BlobPart[] {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const directory: Uint8Array<ArrayBuffer>[] = [];
  let offset = 0;
  for (const { path, bytes } of files) {
    const name = new TextEncoder().encode(path);
    const shared = [
      [2, UTF8], [2, 0], [2, timeOf(made)], [2, dateOf(made)],
      [4, checksum(bytes)], [4, bytes.length], [4, bytes.length], [2, name.length], [2, 0],
    ] as const;
    const head = packed([[4, LOCAL], [2, VERSION], ...shared]);
    // No comment, the first disk, no attributes.
    const rest = [[2, 0], [2, 0], [2, 0], [4, 0], [4, offset]] as const;
    directory.push(packed([[4, CENTRAL], [2, VERSION], [2, VERSION], ...shared, ...rest]), name);
    parts.push(head, name, bytes);
    offset += head.length + name.length + bytes.length;
  }
  const length = directory.reduce((sum, part) => sum + part.length, 0);
  const end = packed([
    [4, END], [2, 0], [2, 0], [2, files.length], [2, files.length], [4, length], [4, offset], [2, 0],
  ]);
  return [...parts, ...directory, end];
}

/** Numbers of two or four bytes, the lowest byte first. */
function packed(numbers: readonly (readonly [2 | 4, number])[]): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(numbers.reduce((sum, [size]) => sum + size, 0)));
  let at = 0;
  for (const [size, number] of numbers) {
    if (size === 2) {
      view.setUint16(at, number, true);
    } else {
      view.setUint32(at, number, true);
    }
    at += size;
  }
  return new Uint8Array(view.buffer);
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) {
    value = (value & 1) === 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return value;
});

/** CRC-32. */
function checksum(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value = (value >>> 8) ^ (TABLE[(value ^ byte) & 0xff] ?? 0);
  }
  return (value ^ 0xffffffff) >>> 0;
}

function timeOf(date: Date): number {
  return (date.getHours() << 11) | (date.getMinutes() << 5) | (date.getSeconds() >> 1);
}

function dateOf(date: Date): number {
  return ((date.getFullYear() - 1980) << 9) | ((date.getMonth() + 1) << 5) | date.getDate();
}
