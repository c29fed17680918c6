"""Computes ../log.json, the test vectors of spec/log.md, without any code of Noren.

Run:  pip install cryptography cbor2 pymerkle && python3 log.py > ../log.json

Ed25519 is OpenSSL's (cryptography), CBOR is cbor2's. The tree is the recursive definition of RFC 6962
section 2.1 on top of hashlib; it is held against pymerkle and against the well-known roots that
Certificate Transparency's implementations test with. Key ids are held against two published keys,
that of Go's checksum database and that of Go's note package. Everything is deterministic.
"""

import base64
import calendar
import hashlib
import json
import struct
import time

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pymerkle import InmemoryTree

NOW = 1_700_000_000
MAX_TIME = 253_402_300_799
ORIGIN = "health.example/log"
SEED, OTHER_SEED = bytes([7]) * 32, bytes([8]) * 32


def sha256(data):
    return hashlib.sha256(data).digest()


def b64(data):
    return base64.b64encode(data).decode()


# RFC 6962 section 2.1, word for word.


def leaf(entry):
    return sha256(b"\x00" + entry)


def node(left, right):
    return sha256(b"\x01" + left + right)


def split_point(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def mth(entries):
    if not entries:
        return sha256(b"")
    if len(entries) == 1:
        return leaf(entries[0])
    k = split_point(len(entries))
    return node(mth(entries[:k]), mth(entries[k:]))


def compact(entries):
    """The roots of the complete subtrees, the largest first."""
    hashes, start = [], 0
    for bit in reversed(range(64)):
        if len(entries) >> bit & 1:
            hashes.append(mth(entries[start : start + (1 << bit)]))
            start += 1 << bit
    return hashes


def entry(i):
    return b"entry %d" % i


def entries(start, end):
    return [entry(i) for i in range(start, end)]


def root(size):
    return mth(entries(0, size))


# C2SP signed-note, tlog-checkpoint, tlog-cosignature.


class Key:
    def __init__(self, seed):
        self.seed = seed
        self.secret = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self.secret.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, message):
        return self.secret.sign(message)


KEY, OTHER = Key(SEED), Key(OTHER_SEED)


def key_id(name, kind, public):
    return sha256(name.encode() + b"\n" + bytes([kind]) + public)[:4]


def body(origin, size, root_hash):
    return f"{origin}\n{size}\n{b64(root_hash)}\n"


def line(name, data):
    return f"\u2014 {name} {b64(data)}\n"


def plain_line(text, name=ORIGIN, key=KEY, kind=1, change=lambda s: s):
    return line(name, key_id(name, kind, key.public) + change(key.sign(text.encode())))


def timed_line(text, time, name=ORIGIN, key=KEY, kind=4, signed_time=None, change=lambda s: s):
    signed_time = time if signed_time is None else signed_time
    message = f"cosignature/v1\ntime {signed_time}\n{text}".encode()
    return line(name, key_id(name, kind, key.public) + change(struct.pack(">Q", time) + key.sign(message)))


def note(text, time, **who):
    return text + "\n" + plain_line(text, **who) + timed_line(text, time, **who)


def checkpoint(size, time=NOW, root_hash=None, **who):
    return note(body(ORIGIN, size, root(size) if root_hash is None else root_hash), time, **who)


# C2SP tlog-tiles.


def tile_index(n):
    groups = []
    text = str(n)
    while len(text) % 3:
        text = "0" + text
    groups = [text[i : i + 3] for i in range(0, len(text), 3)]
    return "/".join(["x" + g for g in groups[:-1]] + groups[-1:])


def tile_path(level, n, width):
    return f"tile/{level}/{tile_index(n)}" + ("" if width == 256 else f".p/{width}")


def tiles(size):
    """Every file of a tree of this size, by path."""
    files = {}
    for n in range((size + 255) // 256):
        width = min(256, size - 256 * n)
        chunk = entries(256 * n, 256 * n + width)
        files[tile_path("entries", n, width)] = b"".join(struct.pack(">H", len(e)) + e for e in chunk)
    for level in range(8):
        span = 256**level
        count = size // span
        for n in range((count + 255) // 256):
            width = min(256, count - 256 * n)
            files[tile_path(level, n, width)] = b"".join(
                mth(entries((256 * n + i) * span, (256 * n + i + 1) * span)) for i in range(width)
            )
    return files


def assert_known_answers():
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    known = {
        0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    }
    for size, expected in known.items():
        assert mth([bytes.fromhex(e) for e in inputs[:size]]).hex() == expected
    other = InmemoryTree(algorithm="sha256")
    for i in range(600):
        other.append_entry(entry(i))
    for size in [1, 2, 3, 255, 256, 257, 600]:
        assert other.get_root(size) == root(size)
    for name, kind, public, expected in KNOWN_KEYS:
        assert key_id(name, kind, base64.b64decode(public)[1:]).hex() == expected


KNOWN_KEYS = [
    ("sum.golang.org", 1, "Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", "033de0ae"),
    ("PeterNeumann", 1, "ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "c74f20a3"),
]


def leaf_cases():
    cases = [{"entry": e.hex(), "hash": leaf(e).hex()} for e in [b"", b"\x00", b"entry 0", bytes(1500)]]
    wrong = [
        ("without the prefix", b"entry 0", sha256(b"entry 0")),
        ("with the prefix of a node", b"entry 0", sha256(b"\x01entry 0")),
        ("the root of nothing is not the leaf of nothing", b"", sha256(b"")),
        ("two children as one entry", leaf(entry(0)) + leaf(entry(1)), root(2)),
        ("hashed twice", b"entry 0", sha256(leaf(b"entry 0"))),
    ]
    return cases + [{"why": w, "entry": e.hex(), "hash": h.hex(), "fails": "hash"} for w, e, h in wrong]


def root_cases():
    sizes = [0, 1, 2, 3, 4, 5, 7, 8, 255, 256, 257, 600]
    cases = [
        {"entries": n, "root": root(n).hex(), "hashes": [h.hex() for h in compact(entries(0, n))]} for n in sizes
    ]

    def bad(why, n, hashes, fails, root_hash=None):
        return {
            "why": why,
            "entries": n,
            "root": (root_hash or root(n)).hex(),
            "hashes": [h.hex() for h in hashes],
            "fails": fails,
        }

    range_of = lambda n: compact(entries(0, n))
    duplicated = node(node(leaf(entry(0)), leaf(entry(1))), node(leaf(entry(2)), leaf(entry(2))))
    return cases + [
        bad("a last leaf that is paired with itself", 3, range_of(3), "root", duplicated),
        bad("a last leaf without a partner is padded", 3, range_of(3), "root", node(root(2), leaf(b""))),
        bad("the smallest subtree first", 3, range_of(3)[::-1], "hashes"),
        bad("a hash of another tree", 5, [range_of(5)[0], leaf(entry(5))], "hashes"),
        bad("entries in another order", 2, [node(leaf(entry(1)), leaf(entry(0)))], "hashes"),
        bad("no hash for a tree that has one", 1, [], "count"),
        bad("a hash for the empty tree", 0, [leaf(b"")], "count"),
        bad("one too few", 7, range_of(7)[:2], "count"),
        bad("one too many", 8, range_of(8) * 2, "count"),
        bad("the range of another size", 256, range_of(255), "count"),
        bad("the leaves instead of their root", 4, [leaf(e) for e in entries(0, 4)], "count"),
        bad("two halves instead of their root", 600, [root(512)] * 2, "count"),
        bad("nothing for 600", 600, [], "count"),
    ]


def path_cases():
    good = [
        (level, n, width)
        for level in (0, 1, 63, "entries")
        for n, width in [(0, 256), (0, 1), (999, 255), (1000, 256), (1234067, 256), (1234067, 17)]
    ] + [(0, 2**64 - 1, 256), ("entries", 2**64 - 1, 12)]
    cases = [{"path": tile_path(*t), "level": t[0], "index": str(t[1]), "width": t[2]} for t in good]
    bad = """
        ;/;tile;tile/;tile/0;tile/0/;tile//000;tile/000;tile/0/0;tile/0/00;tile/0/0000;tile/0/1000;tile/0/x000/001
        tile/0/x001;tile/0/x001/x234;tile/0/001/234;tile/0/x001/x234/67;tile/0/X001/234;tile/0/x001//234
        tile/0/x001/234/;/tile/0/000;tile/0/000/;tile/00/000;tile/01/000;tile/64/000;tile/256/000;tile/-1/000
        tile/+1/000;tile/a/000;tile/Entries/000;tile/entries;tile/entries/;tile/entries/0;tile/data/000;tile/0/-01
        tile/0/+01;tile/0/0x1;tile/0/ 01;tile/0/00a;tile/0/000.p;tile/0/000.p/;tile/0/000.p/0;tile/0/000.p/256
        tile/0/000.p/257;tile/0/000.p/00;tile/0/000.p/01;tile/0/000.p/+1;tile/0/000.p/-1;tile/0/000.p/1/
        tile/0/000.p/1.p/1;tile/0/000.P/1;tile/0/000p/1;tile/0/000.p/65537;tile/0/x018/x446/x744/x073/x709/x551/616
        tile/0/x999/x999/x999/x999/x999/x999/999;tile/0/../000;tile/0/%30%30%30;tile/0/\uff10\uff10\uff10;checkpoint
        tile/0/000.p/1?;tile/0/000#;Tile/0/000;tile/0/x18/x446/x744/x073/x709/x551/615
    """
    for row in bad.strip("\n").splitlines():
        for path in row.strip().split(";"):
            cases.append({"path": path, "fails": "path"})
    return cases + [{"path": "tile/0/" + "x001/" * 20 + "000", "fails": "path"}, {"path": "tile/0/000\n", "fails": "path"}]


def cover_cases():
    sizes = [0, 1, 255, 256, 257, 511, 512, 70_000, 2**24, 2**63 - 1]
    paths = [(0, 0, 1), (0, 0, 255), (0, 0, 256), ("entries", 0, 256), ("entries", 1, 1), (1, 0, 1), (1, 0, 256)]
    paths += [(2, 0, 1), (2, 0, 2), (0, 273, 112), (0, 273, 113), (7, 0, 127), (7, 0, 128), (8, 0, 1), (63, 0, 1)]
    cases = []
    for level, n, width in paths:
        for size in sizes:
            span = 1 if level == "entries" else 256**level
            case = {"path": tile_path(level, n, width), "size": str(size)}
            # The last entry under the tile must be inside the tree.
            if (256 * n + width) * span > size:
                case["fails"] = "covered"
            cases.append(case)
    return cases


def tile_cases():
    cases = []
    for old, new in [(0, 0), (0, 1), (1, 2), (255, 256), (256, 257), (0, 600), (300, 511), (300, 800)]:
        before, after = tiles(old), tiles(new)
        files = {p: sha256(d).hex() for p, d in after.items() if p not in before}
        cases.append({"old_size": old, "new_size": new, "files": files})
    for width, length in [(1, 0), (1, 31), (1, 33), (1, 64), (2, 32), (255, 8192), (256, 8160), (256, 8191), (256, 8193)]:
        cases.append({"width": width, "length": length, "fails": "tile"})
    for width in [0, 257, 65535]:
        cases.append({"width": width, "length": 32 * width, "fails": "width"})
    return cases


def bundle_cases():
    lists = [[b""], [b"a"], [b"a", b"", b"bc"], [bytes(300)], entries(0, 256)]
    encode = lambda es: b"".join(struct.pack(">H", len(e)) + e for e in es)
    cases = [{"width": len(es), "entries": [e.hex() for e in es], "bytes": encode(es).hex()} for es in lists]
    two = encode([b"ab", b"cd"])
    bad = [
        ("nothing", 1, b""),
        ("half a length", 1, b"\x00"),
        ("a length without its entry", 1, b"\x00\x01"),
        ("the entry is cut", 1, b"\x00\x02a"),
        ("one byte left over", 1, encode([b"a"]) + b"\x00"),
        ("two entries for one", 1, two),
        ("two entries for three", 3, two),
        ("the last byte is missing", 2, two[:-1]),
        ("little-endian lengths", 2, b"\x02\x00ab\x02\x00cd"),
        ("32-bit lengths", 1, b"\x00\x00\x00\x02ab"),
        ("a length far beyond the end", 1, b"\xff\xffab"),
        ("a full bundle one entry short", 256, encode(entries(0, 255))),
    ]
    return cases + [{"why": w, "width": n, "bytes": b.hex(), "fails": "bundle"} for w, n, b in bad]


def key_id_cases():
    cases = [
        {"name": n, "type": k, "key": base64.b64decode(p)[1:].hex(), "id": i, "verifier_key": f"{n}+{i}+{p}"}
        for n, k, p, i in KNOWN_KEYS
    ]
    for name, key, kind in [(ORIGIN, KEY, 1), (ORIGIN, KEY, 4), ("127.0.0.1:8080", OTHER, 4)]:
        ident = key_id(name, kind, key.public).hex()
        verifier = f"{name}+{ident}+{b64(bytes([kind]) + key.public)}"
        cases.append({"name": name, "type": kind, "key": key.public.hex(), "id": ident, "verifier_key": verifier})
    wrong = [
        ("the id of the other type", 1, key_id(ORIGIN, 4, KEY.public)),
        ("the id of another key", 1, key_id(ORIGIN, 1, OTHER.public)),
        ("the id of another name", 4, key_id(ORIGIN + "2", 4, KEY.public)),
        ("without the newline", 1, sha256(ORIGIN.encode() + b"\x01" + KEY.public)[:4]),
        ("the last bytes of the hash", 1, sha256(ORIGIN.encode() + b"\n\x01" + KEY.public)[-4:]),
        ("reversed bytes", 1, key_id(ORIGIN, 1, KEY.public)[::-1]),
    ]
    return cases + [
        {"why": w, "name": ORIGIN, "type": k, "key": KEY.public.hex(), "id": i.hex(), "fails": "key_id"}
        for w, k, i in wrong
    ]


def origin_cases():
    good = ["a", ORIGIN, "127.0.0.1:8080", "[::1]:8080", "xn--8ws00zhy3a.example/log~1", "a" * 255, "cosignature/v2"]
    bad = ["", "a" * 256, "a b", "a+b", 'a"b', "a\\b", "a\nb", "a\tb", "a\u00a0b", "\u00e9.example", "\x7f", " a", "a ",
           "https://health.example/log", "health.example/log/", "/", "cosignature/v1"]
    return [{"origin": o} for o in good] + [{"origin": o, "fails": "origin"} for o in bad]


def flip(position):
    def change(data):
        data = bytearray(data)
        data[position] ^= 1
        return bytes(data)

    return change


def add_group_order(signature):
    """s + L verifies for a careless verifier, RFC 8032 section 5.1.7 refuses it."""
    order = 2**252 + 27742317777372353535851937790883648493
    s = int.from_bytes(signature[-32:], "little") + order
    return signature[:-32] + s.to_bytes(32, "little")


def checkpoint_cases():
    cases = []

    def case(why, text, fails=None, origin=ORIGIN, key=KEY.public, **more):
        shape = {"why": why, "origin": origin, "key": key.hex(), "text": text, **more}
        cases.append({**shape, "fails": fails} if fails else shape)

    for size, time in [(0, NOW), (1, 0), (600, NOW), (600, MAX_TIME)]:
        signed = {"seed": SEED.hex(), "size": str(size), "root": root(size).hex(), "timestamp": time}
        case("as signed", checkpoint(size, time), **signed)
    top = body(ORIGIN, 2**63 - 1, root(3))
    case("the largest size", note(top, NOW), size=str(2**63 - 1), root=root(3).hex(), timestamp=NOW, seed=SEED.hex())

    text = body(ORIGIN, 600, root(600))
    plain, timed = plain_line(text), timed_line(text, NOW)
    fields = {"size": "600", "root": root(600).hex(), "timestamp": NOW}
    witness = timed_line(text, NOW + 5, name="witness.example/w1", key=OTHER)
    case("a witness signed, too", text + "\n" + plain + timed + witness, **fields)
    case("a witness signed first", text + "\n" + witness + plain + timed, **fields)
    case("the two lines in the other order", text + "\n" + timed + plain, **fields)
    case("an unknown kind of signature", text + "\n" + plain + timed + line(ORIGIN, b"abcd" + bytes(2420)), **fields)
    case("another key under the log's name", text + "\n" + plain + timed + plain_line(text, key=OTHER), **fields)
    unknown = line("w.example", b"abcde")
    case("thirty others", text + "\n" + plain + timed + unknown * 30, **fields)

    case("thirty-one others", text + "\n" + plain + timed + unknown * 31, "note")
    case("longer than 131,072 bytes", text + "\n" + plain + timed + line("w.example", bytes(99_000)), "note")
    case("nothing", "", "note")
    case("no signatures", text, "note")
    case("an empty list of signatures", text + "\n", "note")
    case("no empty line", text + plain + timed, "note")
    case("no final newline", (text + "\n" + plain + timed)[:-1], "note")
    case("a newline too many", text + "\n" + plain + timed + "\n", "note")
    case("an empty line between the signatures", text + "\n" + plain + "\n" + timed, "signature")
    case("carriage returns", (text + "\n" + plain + timed).replace("\n", "\r\n"), "note")
    case("a tab", text + "\n" + plain + timed.replace(" ", "\t"), "note")
    case("a NUL byte", "\0" + text + "\n" + plain + timed, "note")
    case("a hyphen for the dash", text + "\n" + plain.replace("\u2014", "-") + timed, "note")
    case("no space after the dash", text + "\n" + plain.replace("\u2014 ", "\u2014") + timed, "note")
    case("no name", text + "\n" + plain + timed + "\u2014  " + b64(bytes(68)) + "\n", "note")
    case("a name with a plus", text + "\n" + plain + timed + line("a+b", bytes(68)), "note")
    case("a name with a space of Unicode", text + "\n" + plain + timed + line("a\u2003b", bytes(68)), "note")
    case("a third word", text + "\n" + plain + timed.replace("\n", " x\n"), "note")
    case("an unknown line that is not base64", text + "\n" + plain + timed + "\u2014 w.example !!!!\n", "note")
    case("an unknown line with nothing but a key id", text + "\n" + plain + timed + line("w.example", b"abcd"), "note")
    case("base64 without padding", text + "\n" + plain.replace("=", "") + timed, "note")
    case("base64 of URLs", text + "\n" + plain + timed + "\u2014 w.example ____\n", "note")

    clock = {"clock_key": OTHER.public.hex()}
    dated = text + "\n" + plain + timed_line(text, NOW, key=OTHER)
    case("a time by the clock's own key", dated, **fields, **clock, seed=SEED.hex(), clock_seed=OTHER_SEED.hex())
    case("the clock's line first", text + "\n" + timed_line(text, NOW, key=OTHER) + plain, **fields, **clock)
    both = text + "\n" + plain + timed + timed_line(text, NOW + 9, key=OTHER)
    case("times by both keys, of which the clock's counts", both, **{**fields, "timestamp": NOW + 9}, **clock)
    case("a time by the log key, and the clock has its own", text + "\n" + plain + timed, "timestamp", **clock)
    case("a tree that the clock key signed", note(text, NOW, key=OTHER), "signature", **clock)
    case("a time by the clock's own key over another tree", text + "\n" + plain
         + timed_line(body(ORIGIN, 599, root(599)), NOW, key=OTHER), "timestamp", **clock)
    case("two times by the clock's own key", dated + timed_line(text, NOW + 1, key=OTHER), "repeated", **clock)
    case("keys the other way round", dated, "signature", key=OTHER.public, clock_key=KEY.public.hex())

    case("only the log's signature", text + "\n" + plain, "timestamp")
    case("only the timestamp", text + "\n" + timed, "signature")
    case("only a witness", text + "\n" + witness, "signature")
    case("a witness's time instead of the log's", text + "\n" + plain + witness, "timestamp")
    case("another key", checkpoint(600, key=OTHER), "signature")
    case("another name on the lines", note(text, NOW, name="other.example/log"), "signature")
    case("the expected key is another", text + "\n" + plain + timed, "signature", key=OTHER.public)
    case("the id of this key, the signature of another", text + "\n"
         + line(ORIGIN, key_id(ORIGIN, 1, KEY.public) + OTHER.sign(text.encode())) + timed, "signature")
    case("a bit of R", text + "\n" + plain_line(text, change=flip(0)) + timed, "signature")
    case("a bit of S", text + "\n" + plain_line(text, change=flip(63)) + timed, "signature")
    case("S plus the order of the group", text + "\n" + plain_line(text, change=add_group_order) + timed, "signature")
    case("a short signature", text + "\n" + plain_line(text, change=lambda s: s[:-1]) + timed, "note")
    case("a long signature", text + "\n" + plain_line(text, change=lambda s: s + b"\0") + timed, "note")
    case("a signature without the final newline of the text", text + "\n"
         + line(ORIGIN, key_id(ORIGIN, 1, KEY.public) + KEY.sign(text[:-1].encode())) + timed, "signature")
    case("another size than was signed", text.replace("600", "601") + "\n" + plain + timed, "signature")
    case("another root than was signed", body(ORIGIN, 600, root(599)) + "\n" + plain + timed, "signature")
    case("a newly signed head with an old time", text + "\n" + plain + timed_line(body(ORIGIN, 599, root(599)), NOW), "timestamp")
    neutral = bytes([1]) + bytes(31)
    forged = text + "\n" + line(ORIGIN, key_id(ORIGIN, 1, neutral) + neutral + bytes(32))
    forged += line(ORIGIN, key_id(ORIGIN, 4, neutral) + struct.pack(">Q", NOW) + neutral + bytes(32))
    case("the neutral point as key, which signs everything", forged, "signature", key=neutral)
    case("the same signature twice", text + "\n" + plain + plain + timed, "repeated")
    case("two times", text + "\n" + plain + timed + timed_line(text, NOW + 1), "repeated")
    case("a good and a bad signature", text + "\n" + plain + plain_line(text, change=flip(5)) + timed, "repeated")

    case("a later time than was signed", text + "\n" + plain + timed_line(text, NOW + 1, signed_time=NOW), "timestamp")
    case("a time after the year 9999", text + "\n" + plain + timed_line(text, MAX_TIME + 1), "timestamp")
    case("a time of 2^64 - 1", text + "\n" + plain + timed_line(text, 2**64 - 1), "timestamp")
    case("a bit of the timed signature", text + "\n" + plain + timed_line(text, NOW, change=flip(20)), "timestamp")
    case("S plus the order of the group in the timed signature", text + "\n" + plain
         + timed_line(text, NOW, change=add_group_order), "timestamp")
    case("the plain signature in the place of the timed one", text + "\n" + plain + line(
        ORIGIN, key_id(ORIGIN, 4, KEY.public) + struct.pack(">Q", NOW) + KEY.sign(text.encode())), "timestamp")
    case("a little-endian time", text + "\n" + plain + timed_line(
        text, struct.unpack("<Q", struct.pack(">Q", NOW))[0], signed_time=NOW), "timestamp")
    case("a timed signature without its time", text + "\n" + plain
         + timed_line(text, NOW, change=lambda s: s[8:]), "note")
    case("a timed signature under the id of a plain one", text + "\n" + plain + timed_line(text, NOW, kind=1), "repeated")

    signed_body = lambda b: note(b, NOW)
    case("signed for another origin", signed_body(body("other.example/log", 600, root(600))), "origin")
    case("the origin in capitals", signed_body(body(ORIGIN.upper(), 600, root(600))), "origin")
    case("no origin", signed_body(body("", 600, root(600))), "body")
    case("a space after the origin", signed_body(body(ORIGIN + " ", 600, root(600))), "body")
    for size in ["", "-1", "+600", "0600", "00", "6e2", "0x258", " 600", "600 ", str(2**63), str(2**64), "\u0666"]:
        case(f"the size {size!r}", signed_body(body(ORIGIN, size, root(600))), "body")
    lines = text.splitlines()
    case("an extension line", signed_body(text + "extension\n"), "body")
    case("an empty line in the text", signed_body(text + "\n"), "body")
    case("no root", signed_body("\n".join(lines[:2]) + "\n"), "body")
    case("a root of 31 bytes", signed_body(body(ORIGIN, 600, root(600)[:31])), "body")
    case("a root of 33 bytes", signed_body(body(ORIGIN, 600, root(600) + b"\0")), "body")
    case("a root in hex", signed_body(f"{ORIGIN}\n600\n{root(600).hex()}\n"), "body")
    case("a root without padding", signed_body(text.replace("=", "")), "body")
    loose = b64(root(600))[:-2] + chr(ord(b64(root(600))[-2]) + 1) + "="
    case("a root with bits after its end", signed_body(f"{ORIGIN}\n600\n{loose}\n"), "body")
    return cases


def fresh_cases():
    cases = []
    for signed, now, age, fails in [
        (NOW, NOW, 0, None),
        (NOW, NOW + 86_400, 86_400, None),
        (NOW, NOW - 300, 86_400, None),
        (0, 2**31, 2**63, None),
        (NOW, NOW + 1, 0, "frozen"),
        (NOW, NOW + 86_401, 86_400, "frozen"),
        (0, NOW, 86_400, "frozen"),
        (0, MAX_TIME, MAX_TIME - 1, "frozen"),
        (NOW, NOW - 301, 86_400, "future"),
        (MAX_TIME, NOW, 2**63, "future"),
        (NOW, 0, 0, "future"),
    ]:
        case = {"origin": ORIGIN, "key": KEY.public.hex(), "text": checkpoint(1, signed), "now": now, "max_age": str(age)}
        cases.append({**case, "fails": fails} if fails else case)
    return cases


def position(size, time, of=None):
    return {"size": size, "hashes": [h.hex() for h in compact(of or entries(0, size))], "timestamp": time}


def advance_cases():
    cases = []

    def case(why, old, text, news, fails=None, **change):
        shape = {"why": why, "origin": ORIGIN, "key": KEY.public.hex(), "position": old, "text": text}
        shape["entries"] = [e.hex() for e in news]
        cases.append({**shape, "fails": fails} if fails else {**shape, **change})

    for old, new in [(0, 0), (0, 1), (0, 7), (3, 3), (3, 4), (5, 16), (250, 260)]:
        case(f"from {old} to {new}", position(old, NOW - 60 if old else 0), checkpoint(new), entries(old, new),
             after=position(new, NOW))
    case("a heartbeat in the same second", position(3, NOW), checkpoint(3), [], after=position(3, NOW))

    case("fewer entries", position(5, NOW - 60), checkpoint(4), [], "rollback")
    case("fewer entries, down to none", position(5, NOW - 60), checkpoint(0), [], "rollback")
    case("fewer entries and an earlier time", position(5, NOW + 60), checkpoint(4), [], "rollback")
    case("an earlier time", position(5, NOW + 1), checkpoint(5), [], "time")
    case("an earlier time and more entries", position(5, NOW + 1), checkpoint(6), entries(5, 6), "time")
    other = entries(0, 4) + [b"another"]
    case("another tree of the same size", position(5, NOW - 60), checkpoint(5, root_hash=mth(other)), [], "fork")
    case("another empty tree", position(0, 0), checkpoint(0, root_hash=root(1)), [], "fork")
    case("another tree of the same size in the same second", position(5, NOW), checkpoint(5, root_hash=root(4)), [], "fork")
    case("the device's own past differs", position(5, NOW - 60, other), checkpoint(7), entries(5, 7), "root")
    case("a changed entry", position(3, 0), checkpoint(5), [entry(3), b"entry 04"], "root")
    case("entries in another order", position(3, 0), checkpoint(5), [entry(4), entry(3)], "root")
    case("the entries before these", position(3, 0), checkpoint(5), entries(2, 4), "root")
    case("two entries as one", position(3, 0), checkpoint(5), [entry(3) + entry(4), b""], "root")
    case("an entry twice", position(3, 0), checkpoint(5), [entry(4)] * 2, "root")
    case("one entry too few", position(3, 0), checkpoint(5), entries(3, 4), "count")
    case("one entry too many", position(3, 0), checkpoint(5), entries(3, 6), "count")
    case("no entries", position(3, 0), checkpoint(5), [], "count")
    case("an entry with a heartbeat", position(3, 0), checkpoint(3), entries(3, 4), "count")
    case("all entries instead of the new ones", position(3, 0), checkpoint(5), entries(0, 5), "count")
    case("a size that nobody can have", position(3, 0), checkpoint(2**63 - 1, root_hash=root(5)), entries(3, 5), "count")
    case("a head of another key", position(3, 0), checkpoint(5, key=OTHER), entries(3, 5), "signature")
    case("an entry of 65,536 bytes", position(0, 0), checkpoint(1, root_hash=leaf(bytes(65_536))), [bytes(65_536)], "length")
    short = position(3, 0)
    case("a stored range that lost a hash", {**short, "hashes": short["hashes"][:1]}, checkpoint(5), entries(3, 5), "range")
    case("a stored range with one hash too many", {**short, "hashes": short["hashes"] * 2}, checkpoint(5), entries(3, 5), "range")
    return cases


def append_cases():
    cases = []
    text = checkpoint(5)
    good = [1, 3, entries(3, 5), text]

    def case(why, data, fails=None, old=position(3, NOW - 60), **more):
        shape = {"why": why, "origin": ORIGIN, "key": KEY.public.hex(), "position": old, "bytes": data.hex()}
        cases.append({**shape, "fails": fails} if fails else {**shape, **more})

    enc = lambda value: cbor2.dumps(value, canonical=True)
    made = {"seed": SEED.hex(), "now": NOW}
    case("two entries", enc(good), entries=[e.hex() for e in entries(3, 5)], after=position(5, NOW), **made)
    case("a heartbeat", enc([1, 3, [], checkpoint(3)]), entries=[], after=position(3, NOW), **made)
    case("the first entry", enc([1, 0, entries(0, 1), checkpoint(1)]), old=position(0, 0),
         entries=[entry(0).hex()], after=position(1, NOW), **made)

    whole = enc(good)
    case("nothing", b"", "cbor")
    case("cut", whole[:-1], "cbor")
    case("a byte left over", whole + b"\0", "cbor")
    case("a fifth member", enc(good + [0]), "cbor")
    case("three members", enc(good[:3]), "cbor")
    case("a map", enc({"version": 1}), "cbor")
    case("an array of indefinite length", b"\x9f" + whole[1:] + b"\xff", "cbor")
    case("a longer form of the version", whole[:1] + b"\x18\x01" + whole[2:], "cbor")
    case("a longer form of the size", whole[:2] + b"\x18\x03" + whole[3:], "cbor")
    case("a tag in front", b"\xd9\xd9\xf7" + whole, "cbor")
    case("a negative size", enc([1, -3, entries(3, 5), text]), "cbor")
    case("a size as a float", enc([1, 3.0, entries(3, 5), text]), "cbor")
    case("entries as texts", enc([1, 3, [e.decode() for e in entries(3, 5)], text]), "cbor")
    case("entries as arrays of numbers", enc([1, 3, [list(e) for e in entries(3, 5)], text]), "cbor")
    case("one entry instead of a list", enc([1, 3, entry(3), text]), "cbor")
    case("the checkpoint as bytes", enc([1, 3, entries(3, 5), text.encode()]), "cbor")
    case("null for the entries", enc([1, 3, None, text]), "cbor")
    case("a text that is not UTF-8", enc([1, 3, [], "ab"])[:-2] + b"\xff\xfe", "cbor")
    case("an array that claims 2^32 entries", b"\x84\x01\x03\x9a\xff\xff\xff\xff", "cbor")
    case("an entry that claims 2^63 bytes", b"\x84\x01\x03\x81\x5b\x7f\xff\xff\xff\xff\xff\xff\xff", "cbor")
    case("version 0", enc([0] + good[1:]), "version")
    case("version 2", enc([2] + good[1:]), "version")
    case("16,385 entries", enc([1, 3, [b""] * 16_385, text]), "cbor")
    case("an entry of 65,536 bytes", enc([1, 3, [bytes(65_536)], text]), "length")
    case("made for an older log", enc([1, 2, entries(2, 5), text]), "stale")
    case("made for a log that is not there yet", enc([1, 4, entries(4, 5), text]), "stale")
    case("the same append again", enc(good), "stale", old=position(5, NOW))
    case("signed by another key", enc([1, 3, entries(3, 5), checkpoint(5, key=OTHER)]), "signature")
    case("no signed time", enc([1, 3, entries(3, 5), "\n".join(text.split("\n")[:5]) + "\n"]), "timestamp")
    case("an empty checkpoint", enc([1, 3, entries(3, 5), ""]), "note")
    case("one entry too few", enc([1, 3, entries(3, 4), text]), "count")
    case("one entry too many", enc([1, 3, entries(3, 6), text]), "count")
    case("an entry that was not signed", enc([1, 3, [entry(3), b"forged"], text]), "root")
    case("a rewritten past", enc(good), "root", old=position(3, NOW - 60, [b"x", b"y", b"z"]))
    case("a heartbeat over another tree", enc([1, 3, [], checkpoint(3, root_hash=root(4))]), "fork")
    case("a smaller tree", enc([1, 3, [], checkpoint(2)]), "rollback")
    case("an earlier time", enc(good), "time", old=position(3, NOW + 1))
    return cases


def audit_cases():
    cases = []

    def seen(size, time, root_hash=None):
        return {"size": size, "root": (root_hash or root(size)).hex(), "timestamp": time}

    def case(why, text, news, earlier=(), findings=(), now=NOW, confirmed=0):
        shape = {"why": why, "origin": ORIGIN, "key": KEY.public.hex(), "text": text, "now": now, "max_age": 86_400}
        shape.update(entries=[e.hex() for e in news], earlier=list(earlier), confirmed=confirmed)
        cases.append({**shape, "fails": " ".join(findings)} if findings else shape)

    all9 = entries(0, 9)
    case("an empty log", checkpoint(0), [])
    case("nine entries", checkpoint(9), all9)
    past = [seen(9, NOW), seen(0, 0), seen(4, NOW - 90), seen(4, NOW - 80), seen(8, NOW - 60)]
    case("sightings in any order", checkpoint(9), all9, past, confirmed=5)
    case("a later heartbeat was seen", checkpoint(9), all9, [seen(9, NOW + 60)], confirmed=1)

    case("an entry is missing", checkpoint(9), all9[:-1], [], ["count", "root"])
    case("an entry too many", checkpoint(9), entries(0, 10), [], ["count"])
    case("a changed entry", checkpoint(9), [b"changed"] + all9[1:], [], ["root"])
    case("two entries changed places", checkpoint(9), all9[1::-1] + all9[2:], [], ["root"])
    case("nothing under a signed head", checkpoint(9), [], [], ["count", "root"])
    case("somebody saw another history", checkpoint(9), all9, [seen(4, NOW - 9, root(5))], ["fork"])
    case("somebody saw another history of this size", checkpoint(9), all9, [seen(9, NOW, root(8))], ["fork"])
    case("two saw two, one is right", checkpoint(9), all9, [seen(4, NOW - 9), seen(4, NOW - 9, root(3))], ["fork"], confirmed=1)
    case("a beginning that was not empty", checkpoint(9), all9, [seen(0, 0, root(1))], ["fork"])
    case("somebody saw more", checkpoint(9), all9, [seen(10, NOW - 9)], ["rollback"])
    case("somebody saw more and something else", checkpoint(9), all9, [seen(10, NOW - 9), seen(2, NOW - 90, root(3))],
         ["fork", "rollback"])
    case("a smaller tree was signed later", checkpoint(9), all9, [seen(8, NOW + 1)], ["time"], confirmed=1)
    case("times went back between two sightings", checkpoint(9), all9, [seen(4, NOW - 5), seen(6, NOW - 9)], ["time"], confirmed=2)
    case("frozen", checkpoint(9), all9, [], ["frozen"], now=NOW + 86_401)
    case("from the future", checkpoint(9), all9, [], ["future"], now=NOW - 301)
    case("everything at once", checkpoint(9), all9[:5], [seen(3, NOW + 1, root(2)), seen(12, NOW)],
         ["count", "fork", "frozen", "rollback", "root", "time"], now=NOW + 10**6)
    return cases


def archive_cases():
    days = ["1970-01-01", "1972-02-29", "1999-12-31", "2000-02-29", "2023-11-15", "2026-11-27", "2100-02-28", "9999-12-31"]
    start = lambda day: calendar.timegm(time.strptime(day, "%Y-%m-%d"))
    cases = [{"path": "archive/" + day, "day": str(start(day))} for day in days]
    bad = """;archive;archive/;archive/2026;archive/2026-11;archive/2026-11-27/;/archive/2026-11-27;archive//2026-11-27
        archive/2026-11-27.p/1;archive/2026-11-27-00;archive/2026-1-27;archive/2026-11-7;archive/26-11-27
        archive/2026-02-29;archive/2100-02-29;archive/2026-04-31;archive/2026-13-01;archive/2026-00-01
        archive/2026-11-00;archive/2026-11-32;archive/1969-12-31;archive/10000-01-01;archive/+2026-11-27
        archive/-2026-11-27;archive/2026-11-+7;archive/2026_11_27;archive/20261127;archive/2026-11-27T00;Archive/2026-11-27
        archive/2026-11-2\uff17;archive/ 2026-11-27;archive/18446744073709551616-01-01"""
    for row in bad.splitlines():
        cases += [{"path": path, "fails": "path"} for path in row.strip().split(";")]
    return cases


def join_cases():
    """The hash tiles that lead from one size to a larger one, and both roots."""
    cases = []
    for smaller, larger in [(0, 1), (0, 255), (0, 256), (0, 600), (3, 5), (100, 600), (255, 257), (512, 700), (600, 600)]:
        paths, at = set(), 0
        for end in (smaller, larger):
            while at < end:
                # The largest complete subtree that begins here and ends in time.
                height = next(h for h in reversed(range(64)) if at % 2**h == 0 and at + 2**h <= end)
                level = height // 8
                n = at // 256**level // 256
                paths.add(tile_path(level, n, min(256, larger // 256**level - 256 * n)))
                at += 2**height
        case = {"smaller": smaller, "larger": larger, "tiles": sorted(paths), "before": root(smaller).hex(), "root": root(larger).hex()}
        cases.append(case)
        if smaller < larger:
            cases.append({**case, "why": "a bit of the last tile", "flip": sorted(paths)[-1], "fails": "root"})
            cases.append({**case, "why": "a tile a hash short", "cut": sorted(paths)[0], "fails": "tile"})
    return cases


def main():
    assert_known_answers()
    meta = {
        "schema": 1,
        "format": "noren-log",
        "encoding": "byte strings are lowercase hex; numbers that may exceed 2^53 are decimal strings; times are UNIX seconds",
        "source": "make/log.py: hashlib, OpenSSL's Ed25519, cbor2; no code of Noren",
        "entry": "where a case gives a number of entries, entry i is the ASCII text 'entry <i>'",
        "fails": "names the step that must refuse the case; a case without it must pass",
    }
    sections = {
        "log_leaf": leaf_cases(),
        "log_root": root_cases(),
        "log_tile_path": path_cases(),
        "log_cover": cover_cases(),
        "log_tile": tile_cases(),
        "log_bundle": bundle_cases(),
        "log_origin": origin_cases(),
        "log_key_id": key_id_cases(),
        "log_checkpoint": checkpoint_cases(),
        "log_fresh": fresh_cases(),
        "log_advance": advance_cases(),
        "log_append": append_cases(),
        "log_audit": audit_cases(),
        "log_archive": archive_cases(),
        "log_join": join_cases(),
    }
    # One case a line keeps the differences readable.
    print("{")
    print('"meta": ' + json.dumps(meta, indent=2) + ",")
    for i, (name, cases) in enumerate(sections.items()):
        print(f'"{name}": [')
        print(",\n".join(json.dumps(case) for case in cases))
        print("]" + ("," if i + 1 < len(sections) else ""))
    print("}")


if __name__ == "__main__":
    main()
