export class Refused extends Error {
    failure;
    constructor(code, detail) {
        super(detail);
        this.failure = { code, detail };
    }
}
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
function isAboutRoom(error) {
    return ["QuotaExceededError", "UnknownError", "DataError"].includes(error.name);
}
