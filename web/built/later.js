export async function openKept(frame) {
    await (await import("./kept.js")).showKept(frame);
}
export async function openLocked(frame, then) {
    await (await import("./locked.js")).showLocked(frame, then);
}
export async function openOwner(frame) {
    await (await import("./owner/owner.js")).showOwner(frame);
}
export async function openScan(frame, wish) {
    await (await import("./scanning.js")).showScan(frame, wish);
}
export async function openSlip(frame) {
    await (await import("./check-slip.js")).showSlip(frame);
}
export async function openSlipOf(frame, poster) {
    await (await import("./check-slip.js")).showSlipOf(frame, poster);
}
export async function openTrust(frame) {
    await (await import("./trust.js")).showTrust(frame);
}
