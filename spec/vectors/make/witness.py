"""Computes ../witness.json, the test vectors of proofs and witnesses in spec/log.md, without any code
of Noren.

Run:  pip install cryptography cbor2 pymerkle && python3 witness.py > ../witness.json

The proofs are the recursive definitions of RFC 6962 sections 2.1.1 and 2.1.2, word for word; the
tree, notes and keys are those of log.py.
"""

import json

from log import KEY, NOW, ORIGIN, OTHER, Key, b64, body, checkpoint, entries, key_id, leaf, mth, note, root
from log import split_point, timed_line

WITNESSES = [Key(bytes([20 + i]) * 32) for i in range(4)]


def path(m, d):
    """PATH(m, D[n]) of RFC 6962 section 2.1.1."""
    if len(d) == 1:
        return []
    k = split_point(len(d))
    if m < k:
        return path(m, d[:k]) + [mth(d[k:])]
    return path(m - k, d[k:]) + [mth(d[:k])]


def proof(m, d):
    """PROOF(m, D[n]) of RFC 6962 section 2.1.2."""
    return subproof(m, d, True) if 0 < m < len(d) else []


def subproof(m, d, whole):
    if m == len(d):
        return [] if whole else [mth(d)]
    k = split_point(len(d))
    if m <= k:
        return subproof(m, d[:k], whole) + [mth(d[k:])]
    return subproof(m - k, d[k:], False) + [mth(d[:k])]


def hexes(hashes):
    return [h.hex() for h in hashes]


def inclusion_cases():
    cases = []
    for size in [1, 2, 3, 5, 8, 13, 255, 256, 257, 600]:
        for index in sorted({0, 1, size // 2, size - 2, size - 1} & set(range(size))):
            good = {
                "index": index,
                "size": size,
                "leaf": leaf(entries(index, index + 1)[0]).hex(),
                "path": hexes(path(index, entries(0, size))),
                "root": root(size).hex(),
            }
            cases.append(good)
    five = {"size": 5, "index": 3, "leaf": leaf(b"entry 3").hex(), "root": root(5).hex()}
    right = hexes(path(3, entries(0, 5)))
    for why, change in [
        ("another place", {"path": right, "index": 2}),
        ("a place behind the end", {"path": right, "index": 5}),
        ("another entry", {"path": right, "leaf": leaf(b"entry 4").hex()}),
        ("one hash too few", {"path": right[:-1]}),
        ("one hash too many", {"path": right + right[:1]}),
        ("in another order", {"path": right[::-1]}),
        ("a size with a longer way to the root", {"path": right, "size": 9}),
        ("an empty tree has nothing", {"path": [], "size": 0, "index": 0}),
    ]:
        cases.append({**five, **change, "fails": "OtherRoot", "why": why})
    return cases


def consistency_cases():
    cases = []
    for small, large in [(0, 0), (0, 5), (1, 1), (1, 2), (2, 3), (3, 7), (4, 7), (6, 7), (8, 13), (255, 600), (256, 600), (512, 600)]:
        cases.append(
            {
                "smaller": small,
                "larger": large,
                "smaller_root": root(small).hex(),
                "larger_root": root(large).hex(),
                "proof": hexes(proof(small, entries(0, large))),
            }
        )
    base = {"smaller": 3, "larger": 7, "smaller_root": root(3).hex(), "larger_root": root(7).hex()}
    right = hexes(proof(3, entries(0, 7)))
    other = mth([b"other"] + entries(1, 3)).hex()
    for why, change in [
        ("another past", {"proof": right, "smaller_root": other}),
        ("another present", {"proof": right, "larger_root": other}),
        ("no proof", {"proof": []}),
        ("one hash too few", {"proof": right[:-1]}),
        ("one hash too many", {"proof": right + right[:1]}),
        ("backwards", {"proof": right, "smaller": 7, "larger": 3}),
        ("two trees of one size", {"proof": [], "larger": 3}),
        ("a proof from nothing", {"proof": right, "smaller": 0, "smaller_root": root(0).hex()}),
    ]:
        cases.append({**base, **change, "fails": "NotProven", "why": why})
    return cases


def tlog_proof(index, size, extra=None, head=None):
    lines = ["c2sp.org/tlog-proof@v1"]
    if extra is not None:
        lines.append("extra " + b64(extra))
    lines.append(f"index {index}")
    lines += [b64(h) for h in path(index, entries(0, size))]
    return "\n".join(lines) + "\n\n" + (checkpoint(size) if head is None else head)


def proof_cases():
    public = KEY.public.hex()
    cases = []
    for index, size, extra in [(0, 1, None), (3, 5, b"entry 3"), (599, 600, b"entry 599")]:
        entry = entries(index, index + 1)[0].hex()
        cases.append({"text": tlog_proof(index, size, extra), "entry": entry, "key": public, "origin": ORIGIN, "index": index, "size": size})
    good = tlog_proof(3, 5, b"entry 3")
    base = {"entry": b"entry 3".hex(), "key": public, "origin": ORIGIN}
    for why, text, change, fails in [
        ("another entry than the extra line says", good, {"entry": b"entry 4".hex()}, "OtherRoot"),
        ("another key", good, {"key": OTHER.public.hex()}, "Checkpoint"),
        ("another version", good.replace("@v1", "@v2"), {}, "NotAProof"),
        ("a leading zero", good.replace("index 3", "index 03"), {}, "Line"),
        ("no index", good.replace("index 3\n", ""), {}, "Line"),
        ("extra without padding", good.replace("extra ZW50cnkgMw==", "extra ZW50cnkgMw"), {}, "Line"),
        ("a hash of 31 bytes", good.replace("index 3\n", "index 3\n" + b64(bytes(31)) + "\n"), {}, "Line"),
        ("a hash too many", good.replace("index 3\n", "index 3\n" + b64(bytes(32)) + "\n"), {}, "OtherRoot"),
        ("without the empty line", good.split("\n\n")[0], {}, "Line"),
        ("another place", good.replace("index 3", "index 2"), {}, "OtherRoot"),
    ]:
        assert text != good or change
        cases.append({**base, "text": text, **change, "fails": fails, "why": why})
    return cases


def name(number):
    return f"witness.example/w{number}"


def vkey(number, kind=4, key=None):
    key = WITNESSES[number] if key is None else key
    identity = key_id(name(number), kind, key.public).hex()
    return f"{name(number)}+{identity}+{b64(bytes([kind]) + key.public)}"


def cosigned(size, by, change=lambda line: line):
    """A head with cosignatures: of which witness, and when."""
    text = body(ORIGIN, size, root(size))
    lines = [change(timed_line(text, time, name=name(w), key=WITNESSES[w])) for w, time in by]
    return checkpoint(size) + "".join(lines)


def n_of(n, numbers):
    lines = [f"witness w{w} {vkey(w)}" for w in numbers]
    return "\n".join(lines + [f"group g {n} " + " ".join(f"w{w}" for w in numbers), "quorum g", ""])


def policy_cases():
    base = {"key": KEY.public.hex(), "origin": ORIGIN, "own": [KEY.public.hex()], "now": NOW, "max_age": 86_400}
    both = [(0, NOW), (1, NOW)]
    two = n_of(2, [0, 1, 2])
    houses = "\n".join(
        ["# two houses", f"log {ORIGIN}+{key_id(ORIGIN, 1, KEY.public).hex()}+{b64(bytes([1]) + KEY.public)}"]
        + [f"\twitness  a{w} {vkey(w)} https://w.example" for w in range(3)]
        + ["group a all a0 a1", "group b any a a2", "quorum b", ""]
    )
    cases = [
        {"policy": two, "note": cosigned(5, both), "met": True, "why": "two of three"},
        {"policy": two, "note": cosigned(5, both[:1]), "met": False, "why": "one of three"},
        {"policy": two, "note": cosigned(5, [(0, NOW), (3, NOW)]), "met": False, "why": "a stranger counts for nothing"},
        {"policy": two, "note": cosigned(5, [(0, NOW), (0, NOW)]), "met": False, "why": "a line that is repeated counts for nothing"},
        {"policy": two, "note": cosigned(5, [(0, NOW), (1, NOW - 86_400)]), "met": True, "why": "as old as a head may be"},
        {"policy": two, "note": cosigned(5, [(0, NOW), (1, NOW - 86_401)]), "met": False, "why": "older than a head may be"},
        {"policy": two, "note": cosigned(5, [(0, NOW), (1, NOW + 300)]), "met": True, "why": "clocks differ"},
        {"policy": two, "note": cosigned(5, [(0, NOW), (1, NOW + 301)]), "met": False, "why": "from the future"},
        {"policy": two, "note": cosigned(5, both), "own": [WITNESSES[1].public.hex()], "met": False, "why": "the log's own key is no witness"},
        {"policy": two, "note": checkpoint(5) + cosigned(6, both).removeprefix(checkpoint(6)), "met": False, "why": "cosignatures of another tree"},
        {"policy": houses, "note": cosigned(5, both), "met": True, "why": "all of one house"},
        {"policy": houses, "note": cosigned(5, [(2, NOW)]), "met": True, "why": "the other house"},
        {"policy": houses, "note": cosigned(5, both[:1]), "met": False, "why": "half a house"},
        {"policy": "quorum none\n", "note": checkpoint(5), "met": True, "why": "nobody is asked for"},
    ]
    one = f"witness a {vkey(0)}\n"
    for why, text, fails in [
        ("nothing is asked for", one, "Quorum"),
        ("asked for twice", one + "quorum a\nquorum a\n", "Quorum"),
        ("a name that nothing defines", "quorum a\n", "Unknown"),
        ("a name that is defined later", "quorum a\n" + one, "Unknown"),
        ("the key of a log", f"witness a {vkey(0, kind=1)}\nquorum a\n", "Key"),
        ("one key under two names", one + f"witness b {vkey(1, key=WITNESSES[0])}\nquorum a\n", "Repeated"),
        ("one name twice", one + f"witness a {vkey(1)}\nquorum a\n", "Repeated"),
        ("a member of two groups", one + "group g 1 a\ngroup h 1 a\nquorum g\n", "Repeated"),
        ("more than there are", one + "group g 2 a\nquorum g\n", "Threshold"),
        ("none of them", one + "group g 0 a\nquorum g\n", "Threshold"),
        ("an empty group", one + "group g any\nquorum g\n", "Threshold"),
        ("another word", one + "weight a 2\nquorum a\n", "Line"),
        ("the reserved name", f"witness none {vkey(0)}\nquorum none\n", "Repeated"),
        ("a carriage return", "quorum none\r\n", "NotText"),
    ]:
        cases.append({"policy": text, "fails": fails, "why": why})
    return [{**(base if "note" in case else {}), **case} for case in cases]


def request_text(old, size, hashes=None, head=None):
    hashes = proof(old, entries(0, size)) if hashes is None else hashes
    return f"old {old}\n" + "".join(b64(h) + "\n" for h in hashes) + "\n" + (checkpoint(size) if head is None else head)


def request_cases():
    base = {"key": KEY.public.hex(), "origin": ORIGIN}

    def case(why, text, seen, change={}, root_hash=None, **more):
        last = {} if seen is None else {"seen_size": seen, "seen_root": (root(seen) if root_hash is None else root_hash).hex()}
        return {**base, "request": text, **last, **change, **more, "why": why}

    other = mth([b"other"] + entries(1, 5))
    fork = note(body(ORIGIN, 5, other), NOW)
    long = request_text(5, 12, hashes=[bytes(32)] * 64)
    return [
        case("the first head", request_text(0, 5), None, size=5),
        case("an empty log", request_text(0, 0), None, size=0),
        case("the next head", request_text(5, 12), 5, size=12),
        case("a heartbeat", request_text(5, 5), 5, size=5),
        case("across a tile", request_text(255, 600), 255, size=600),
        case("cosigned by others already", request_text(5, 5, head=cosigned(5, [(0, NOW)])), 5, size=5),
        case("the witness is further", request_text(5, 12), 7, fails="OtherSize", status=409),
        case("the witness knows nothing", request_text(5, 12), None, fails="OtherSize", status=409),
        case("a fork", request_text(5, 5, head=fork), 5, fails="Fork", status=409),
        case("a past that was changed", request_text(5, 12), 5, root_hash=other, fails="NotProven", status=422),
        case("no proof", request_text(5, 12, hashes=[]), 5, fails="NotProven", status=422),
        case("a proof from nothing", request_text(0, 5, hashes=[bytes(32)]), None, fails="NotProven", status=422),
        case("a log that went back", request_text(7, 5, hashes=[]), 7, fails="Backwards", status=400),
        case("another key", request_text(0, 5), None, {"key": OTHER.public.hex()}, fails="Unsigned", status=403),
        case("a leading zero", request_text(0, 5).replace("old 0", "old 00"), None, fails="Malformed", status=400),
        case("another first line", request_text(0, 5).replace("old 0", "new 0"), None, fails="Malformed", status=400),
        case("without the empty line", request_text(5, 12).split("\n\n")[0], 5, fails="Malformed", status=400),
        case("64 hashes", long, 5, fails="Malformed", status=400),
    ]


def main():
    meta = {
        "source": "make/witness.py: RFC 6962, C2SP tlog-proof, tlog-policy and tlog-witness, without Noren's code",
        "entry": "where a case gives a size, entry i is the ASCII text 'entry <i>'",
        "fails": "names the step that must refuse the case; a case without it must pass",
    }
    sections = {
        "noren_inclusion": inclusion_cases(),
        "noren_consistency": consistency_cases(),
        "noren_log_proof": proof_cases(),
        "noren_witness_policy": policy_cases(),
        "noren_add_checkpoint": request_cases(),
    }
    print("{")
    print('"meta": ' + json.dumps(meta, indent=2) + ",")
    for i, (section, cases) in enumerate(sections.items()):
        print(f'"{section}": [')
        print(",\n".join(json.dumps(case) for case in cases))
        print("]" + ("," if i + 1 < len(sections) else ""))
    print("}")


if __name__ == "__main__":
    main()
