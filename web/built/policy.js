const TYPES = {
    css: "text/css; charset=utf-8",
    html: "text/html; charset=utf-8",
    js: "text/javascript; charset=utf-8",
    otf: "font/otf",
    png: "image/png",
    svg: "image/svg+xml",
    txt: "text/plain; charset=utf-8",
    wasm: "application/wasm",
    webmanifest: "application/manifest+json",
};
const OWN_SERVER = "connect-src 'self'";
export const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; media-src 'self' blob:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types noren";
const PERMISSIONS = "camera=(self), microphone=(), geolocation=(), accelerometer=(), gyroscope=(), magnetometer=(), usb=(), serial=(), hid=(), midi=(), payment=(), display-capture=(), browsing-topics=()";
export function fieldsOf(path, policy) {
    const type = TYPES[path.slice(path.lastIndexOf(".") + 1)];
    if (type === undefined) {
        throw new TypeError(`nobody said of which type ${path} is`);
    }
    return new Headers({
        "Content-Type": type,
        "Content-Security-Policy": policy,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": PERMISSIONS,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    });
}
export function policyIn(answer) {
    const policies = (answer.get("Content-Security-Policy") ?? "").split(",").map(directivesOf);
    for (const directives of policies) {
        const connect = directives.find((directive) => IS_CONNECT.test(directive));
        if (connect !== undefined && FIXED.every((directive) => directives.includes(directive))) {
            return POLICY.replace(OWN_SERVER, connect);
        }
    }
    return null;
}
function directivesOf(policy) {
    return policy.split(";").map((directive) => directive.trim().split(/\s+/).join(" "));
}
const FIXED = directivesOf(POLICY).filter((directive) => directive !== OWN_SERVER);
const IS_CONNECT = /^connect-src 'self'( https?:\/\/[a-z0-9.:[\]-]+)*$/;
