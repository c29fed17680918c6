import { Refused, failureOf } from "./failures.js";
import { now } from "./vault.js";
export async function readPoster(keeper, link) {
    const copy = await keeper.copy().catch(() => null);
    const device = copy?.device ?? (await keeper.bare());
    try {
        return withHost(JSON.parse(device.read_poster(link, await keeper.ownToFollow(), now())));
    }
    catch (error) {
        const failure = failureOf(error);
        throw failure.code === "not-a-code" ? new Refused(whatElse(link, keeper.own.address), failure.detail) : error;
    }
    finally {
        device.free();
    }
}
function withHost(poster) {
    if (!URL.canParse(poster.link) || !/^https?:$/.test(new URL(poster.link).protocol)) {
        throw new Refused("not-a-code", "the link has no address of a server");
    }
    return poster;
}
function whatElse(link, own) {
    const text = link.trim();
    if (text === "") {
        return "no-link";
    }
    if (!URL.canParse(text)) {
        return "not-a-code";
    }
    const { origin, pathname, protocol, search, hash } = new URL(text);
    if (!/^https?:$/.test(protocol)) {
        return "not-a-code";
    }
    const address = origin + pathname.replace(/\/$/, "");
    const isPage = address === own || address === new URL(".", self.location.href).href.replace(/\/$/, "");
    if (isPage && hash === "" && !search.startsWith("?v=")) {
        return "page-address";
    }
    return isPage || (/^\?v=\d/.test(search) && hash.length > 1) ? "damaged-code" : "not-a-code";
}
