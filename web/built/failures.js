// Failures inside of the worker: the module's, the browser's and its own, as the page gets them.
export class Refused extends Error {
    failure;
    constructor(code, detail) {
        super(detail);
        this.failure = { code, detail };
    }
}
/** What the page is told. The module throws texts with a document inside. */
export function failureOf(error) {
    if (error instanceof Refused) {
        return error.failure;
    }
    if (typeof error === "string" && error.startsWith("{")) {
        return JSON.parse(error);
    }
    if (error instanceof DOMException && isAboutRoom(error)) {
        return { code: "full", detail: error.message };
    }
    return { code: "defect", detail: error instanceof Error ? `${error.name}: ${error.message}` : "unknown" };
}
/** What browsers' databases say on a disk without room: no two of them the same. */
function isAboutRoom(error) {
    return ["QuotaExceededError", "UnknownError", "DataError"].includes(error.name);
}
