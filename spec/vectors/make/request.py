"""Computes ../request.json: signed requests from the authority to its server.

Run:  pip install cbor2 pynacl && python3 request.py

The signature base is written out from RFC 9421 section 2.5. `fails` names the check that must refuse.
"""

import base64

from common import *

SEED = det("authority's log key")
requests = []


def b64(data):
    return base64.b64encode(data).decode()


def digest(body):
    return f"sha-256=:{b64(sha256(body))}:"


def parameters(created, nonce, origin):
    covered = '("@method" "@authority" "@path" "@query" "content-digest")'
    return f'{covered};created={created};nonce="{nonce}";keyid="{origin}";alg="ed25519"'


def base(method, authority, path, query, content_digest, params):
    lines = [
        f'"@method": {method}',
        f'"@authority": {authority}',
        f'"@path": {path}',
        f'"@query": ?{query or ""}',
        f'"content-digest": {content_digest}',
        f'"@signature-params": {params}',
    ]
    return "\n".join(lines)


def sign(text, seed=SEED):
    secret = sodium.crypto_sign_seed_keypair(seed)[1]
    return "noren=:" + b64(sodium.crypto_sign(text.encode(), secret)[:64]) + ":"


def case(why, fails=None, method="PUT", authority="health.example", path="/v1/cases/00", query=None, body=b"body", now=TEN_PM, seed=SEED, **other):
    """A request; `other` replaces what arrives after it was signed."""
    created = other.pop("created", TEN_PM)
    nonce, origin = det(f"request {len(requests)}", 16).hex(), "health.example/log"
    arrives = {"method": method, "authority": authority, "path": path, "query": query, "body": body, "origin": origin}
    content_digest = other.pop("signed_digest", digest(body))
    params = other.pop("signed_params", parameters)(created, nonce, origin)
    entry = {
        "why": why,
        "key": sodium.crypto_sign_seed_keypair(SEED)[0],
        **arrives,
        "now": now,
        "created": created,
        "nonce": nonce,
        "content_digest": content_digest,
        "signature_input": f"noren={params}",
        "signature": sign(base(method, authority, path, query, content_digest, params), seed),
    }
    entry.update({name: change(entry[name]) for name, change in other.items()})
    if fails:
        entry["fails"] = fails
    else:
        entry["seed"] = seed
    requests.append(entry)


case("a usual one")
case("without body", body=b"", method="DELETE")
case("with a query", path="/v1/uploads", query="after=7&limit=2", method="GET")
case("with an empty query, signed like none", path="/v1/uploads", query="", method="GET")
case("on another port", authority="health.example:8443")
case("below a path of the address", path="/noren/v1/uploads", method="GET")
case("percent-encoding as it stands", path="/v1/uploads/%41%2f", method="GET")
case("a minute late", now=TEN_PM + 60)
case("a minute early", now=TEN_PM - 60)
case("in the first second", created=0, now=0)

wrong, form = "Signature", "SignatureInput"
case("61 seconds late", "Time", now=TEN_PM + 61)
case("61 seconds early", "Time", now=TEN_PM - 61)
case("another key", wrong, seed=det("another key"))
for name, value in [
    ("method", "DELETE"),
    ("method", "put"),
    ("authority", "mirror.example"),
    ("authority", "health.example:8443"),
    ("path", "/v1/cases/01"),
    ("path", "/v1/cases/00/"),
    ("query", "x=1"),
]:
    case(f"{name} becomes {value}", wrong)
    requests[-1][name] = value
case("another body", "Body")
requests[-1]["body"] = b"Body"
case("no body any more", "Body")
requests[-1]["body"] = b""
case("another body with its own digest", wrong)
requests[-1].update(body=b"Body", content_digest=digest(b"Body"))
case("a time changed afterwards", wrong, signature_input=lambda text: text.replace(str(TEN_PM), str(TEN_PM + 1)))
case("a nonce changed afterwards", wrong, signature_input=lambda text: text[:-60] + "0" * 4 + text[-56:])
case("a bit of the signature", wrong, signature=lambda text: text.replace(text[20], "A" if text[20] != "A" else "B", 1))
case("another origin's key", form, origin=lambda _: "other.example/log")

for why, old, new in [
    ("a plus before the time", "created=", "created=+"),
    ("a zero before the time", "created=", "created=0"),
    ("a time before 1970", "created=", "created=-"),
    ("a time beyond 9999", f"created={TEN_PM}", "created=253402300800"),
    ("a nonce of 15 bytes", 'nonce="', 'nonce="" ;x="'),
    ("another algorithm", "ed25519", "hmac-sha256"),
    ("no algorithm", ';alg="ed25519"', ""),
    ("an expiry", ";alg", ";expires=1;alg"),
    ("a component less", '"@query" ', ""),
    ("a component more", '"content-digest")', '"content-digest" "date")'),
    ("components in another order", '"@method" "@authority"', '"@authority" "@method"'),
    ("no authority", '"@authority" ', ""),
    ("a space more", ";created", "; created"),
    ("another label", "noren=", "sig1="),
]:
    change = lambda created, nonce, origin: parameters(created, nonce, origin).replace(old, new)
    if old == "noren=":
        case(why, form, signature_input=lambda text: text.replace(old, new))
    else:
        case(why, form, signed_params=change)
case("a nonce in capitals", form, signed_params=lambda c, n, o: parameters(c, n.upper(), o))
case("two signatures", form, signature_input=lambda text: f"{text}, other=()")
case("nothing for input", form, signature_input=lambda _: "")

no_digest = "ContentDigest"
for why, text in [
    ("nothing for digest", ""),
    ("SHA-512", f"sha-512=:{b64(hashlib.sha512(b'body').digest())}:"),
    ("two digests", digest(b"body") + ", " + digest(b"body")),
    ("a digest cut short", "sha-256=:AAAA:"),
    ("a digest without padding", digest(b"body").replace("=:", ":").replace("256:", "256=:")),
    ("a digest in hexadecimal", f"sha-256=:{sha256(b'body').hex()}:"),
    ("a space before the digest", " " + digest(b"body")),
]:
    case(why, no_digest, signed_digest=text)
for why, change in [
    ("nothing for signature", lambda _: ""),
    ("a signature of 3 bytes", lambda _: "noren=:AAAA:"),
    ("another signature's label", lambda text: text.replace("noren", "sig1")),
    ("a signature without its colons", lambda text: text.replace(":", "")),
    ("two signatures in the field", lambda text: text + ", " + text),
]:
    case(why, "Malformed", signature=change)

write("request", "request.py", "libsodium (PyNaCl), hashlib", noren_request=requests)
