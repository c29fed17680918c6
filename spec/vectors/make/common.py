"""What the scripts that write vectors share: bytes, protobuf, CBOR, sealed boxes, a venue.

Nothing of Noren is used: libsodium by PyNaCl, CBOR by cbor2, the curve by bls.py.
"""

import hashlib
import hmac
import json
import pathlib
import struct

import bls
import cbor2
import nacl.bindings as sodium

FOLDER = pathlib.Path(__file__).parent.parent
HOUR = 3_600
DAY = 86_400
# What an upload is padded to before it is sealed.
UPLOAD_LENGTH = 65_488
# 2023-11-14T22:00:00Z, the start of an hour two hours before midnight.
TEN_PM = 1_699_999_200
MAX_TIME = 253_402_300_799


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def det(label, length=32):
    """Bytes that look random and are the same in every run."""
    return hashlib.shake_256(b"noren vectors: " + label.encode()).digest(length)


def hkdf(ikm, salt, info, length):
    key = hmac.digest(salt or bytes(32), ikm, "sha256")
    out = block = b""
    while len(out) < length:
        block = hmac.digest(key, block + info + bytes([len(out) // 32 + 1]), "sha256")
        out += block
    return out[:length]


def cbor(value):
    return cbor2.dumps(value, canonical=True)


def pad(data, total):
    return struct.pack(">I", len(data)) + data + bytes(total - 4 - len(data))


# Protobuf.


def varint(n):
    n &= 2**64 - 1
    out = b""
    while n > 0x7F:
        out += bytes([n & 0x7F | 0x80])
        n >>= 7
    return out + bytes([n])


def field(number, value, explicit=False):
    """A field; nothing for the default value unless it is asked for."""
    if isinstance(value, str):
        value = value.encode()
    if not value and not explicit:
        return b""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def message(*values, **numbered):
    """Fields 1, 2, … in their order; `_7=value` for others."""
    out = b"".join(field(i, value) for i, value in enumerate(values, 1) if value is not None)
    return out + b"".join(field(int(n[1:]), value) for n, value in numbered.items())


# Boxes.


def public(secret):
    return sodium.crypto_scalarmult_base(secret)


def seal(data, key, ephemeral):
    """libsodium's sealed box, with an ephemeral key that is given instead of random."""
    epk = public(ephemeral)
    nonce = hashlib.blake2b(epk + key, digest_size=24).digest()
    return epk + sodium.crypto_box(data, nonce, key, ephemeral)


def secretbox(data, nonce, key):
    return sodium.crypto_secretbox(data, nonce, key)


AUTHORITY = det("authority's upload key")
OTHER_AUTHORITY = det("another authority's upload key")


# Venues.


def entry_code(
    mpk,
    seed,
    description="Kissa Noren",
    address="1-2-3 Naka, Kyoto",
    start=TEN_PM - 30 * DAY,
    end=TEN_PM + 30 * DAY,
    country_data=b"",
    versions=(3, 3, 3),
    kind=0,
    more=b"",
):
    """A QRCodePayload."""
    location = message(versions[1], description, address, start, end)
    keys = message(versions[2], mpk, seed, kind)
    return message(versions[0], location, keys, country_data) + more


class Venue:
    """A venue with both halves of its key."""

    def __init__(self, label, authority=AUTHORITY, payload=None, **code):
        self.msk = bls.mask(det(label + " msk"))
        self.half = bls.mask(det(label + " half"))
        self.mpk = bls.encode(bls.mul(bls.G2, (self.msk + self.half) % bls.R))
        self.seed = det(label + " seed")
        self.payload = entry_code(self.mpk, self.seed, **code) if payload is None else payload
        self.sealed_half = seal(
            bls.le(self.half, 32), public(authority), det(label + " ephemeral")
        )
        self.derive()

    def derive(self):
        okm = hkdf(self.payload, b"", b"CrowdNotifier_v3", 96)
        self.nonce1, self.nonce2, self.notification_key = okm[:32], okm[32:64], okm[64:]
        self.preid = sha256(b"CN-PREID", self.payload, self.nonce1)

    def identity(self, start):
        interval = struct.pack(">iq", HOUR, start)
        timekey = sha256(b"CN-TIMEKEY", interval, self.nonce2)
        return sha256(b"CN-ID", self.preid, interval, timekey)

    def partial(self, identity):
        return bls.encode(bls.mul(bls.hash_to_g1(identity), self.msk))

    def key(self, identity):
        """The whole key of an identity."""
        n = (self.msk + self.half) % bls.R
        return bls.encode(bls.mul(bls.hash_to_g1(identity), n))

    def pre_trace(self, hour, window, **other):
        """A PreTraceWithProof; `other` names what is not as it should be."""
        identity = other.get("identity", self.identity(hour))
        values = {
            "identity": identity,
            "partial": other["partial"] if "partial" in other else self.partial(identity),
            "sealed_half": self.sealed_half,
            "notification_key": self.notification_key,
            "mpk": self.mpk,
            "nonce1": self.nonce1,
            "nonce2": self.nonce2,
            "payload": self.payload,
            "start": window[0],
            "end": window[1],
            "hour": hour,
        }
        values.update(other)
        v = values
        key = message(v["identity"], v["partial"], v["sealed_half"], _5=v["notification_key"])
        proof = message(v["mpk"], v["nonce1"], v["nonce2"])
        key, proof = v.get("key_message", key), v.get("proof_message", proof)
        return message(key, proof, v["payload"], v["start"], v["end"], v["hour"])


def sealed_case(number, why, data, fails, case, above={}, **more):
    """An upload's case: `data` padded to the length of every upload and sealed to the authority."""
    key = more.pop("key", AUTHORITY)
    length = more.pop("length", len(data))
    tail = more.pop("tail", b"")
    total = more.pop("total", UPLOAD_LENGTH)
    plaintext = struct.pack(">I", length) + data
    plaintext += bytes(total - len(plaintext) - len(tail)) + tail
    ephemeral = det(f"ephemeral {number}")
    sealed = bytearray(seal(plaintext, public(AUTHORITY), ephemeral))
    if "flip" in more:
        sealed[more["flip"]] ^= 1
    entry = {
        "why": why,
        "upload_key": key,
        **above,
        "sealed_to": public(AUTHORITY),
        "case": case,
        "ephemeral": ephemeral,
        "body": data,
        "length": length,
        "tail": tail,
        "plaintext_length": total,
        "sealed_sha256": sha256(bytes(sealed)),
        **more,
    }
    if fails:
        entry["fails"] = fails
    return entry


def readable(value):
    """JSON with byte strings as hexadecimal."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {name: readable(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [readable(each) for each in value]
    return value


def write(name, script, source, **sections):
    """Writes ../<name>.json, one case on a line."""
    meta = {
        "schema": 1,
        "encoding": "byte strings are lowercase hex; times are UNIX seconds",
        "source": f"make/{script}: {source}",
    }
    lines = ['{\n"meta": ' + json.dumps(meta, ensure_ascii=False)]
    for section, cases in sections.items():
        rows = ",\n".join(json.dumps(readable(case), ensure_ascii=False) for case in cases)
        lines.append(f'"{section}": [\n{rows}\n]')
    (FOLDER / f"{name}.json").write_text(",\n".join(lines) + "\n}\n")
    for section, cases in sections.items():
        bad = sum("fails" in case for case in cases)
        assert bad > len(cases) - bad, f"{section}: {bad} failures of {len(cases)}"
        print(f"{name}.json {section}: {len(cases)} cases, {bad} fail")
