import { Refusal } from "./phone.js";
export function ofThen(error) {
    const then = { "not-yet-valid": "before-valid", "no-longer-valid": "after-valid" };
    return error instanceof Refusal && (error.code === "not-yet-valid" || error.code === "no-longer-valid")
        ? new Refusal({ code: then[error.code], detail: error.detail })
        : error;
}
