# fmt: off
"""Checks receipts, roots.json and evidence packs without the portal: python3 verify.py [--key HEX] FILE..."""
# ruff: noqa: E401, E701, E731, I001, PTH123, SIM115, SIM905
import json, sys, zipfile
from datetime import date
from hashlib import sha256, sha512
P, ORDER, DAY0 = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493, date(1970, 1, 1).toordinal()
D, BASE = -121665 * pow(121666, -1, P) % P, bytes([88] + [102] * 31)
SEAL = "day n amount_sum merkle_root prev_root prev_head sealed_at kid public_key".split()
ROW = "id posted_at kind debit credit amount card_seq card_balance ref_type ref_id reverses actor_kind actor_id".split()
KINDS = ["prepaid-roots-v1", "seals"], ["prepaid-receipt-v1", "transfer", "proof", "seal"]
words = lambda seal: "\n".join(["prepaid-seal-v1", *(str(seal[name]) for name in SEAL)]).encode()
def add(p, q):  # Ed25519 as in RFC 8032, section 5.1
    a, b, c, d = (p[1] - p[0]) * (q[1] - q[0]), (p[1] + p[0]) * (q[1] + q[0]), 2 * p[3] * q[3] * D, 2 * p[2] * q[2]
    return (b - a) * (d - c) % P, (d + c) * (b + a) % P, (d - c) * (d + c) % P, (b - a) * (b + a) % P
def times(n, p):
    return add(times(n - 1, p), p) if n & 1 else times(n >> 1, add(p, p)) if n else (0, 1, 1, 0)
def point(raw):
    y, odd = int.from_bytes(raw, "little") % 2**255, raw[31] >> 7
    xx = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = next(x for root in (1, pow(2, (P - 1) // 4, P)) if (x := pow(xx, (P + 3) // 8, P) * root % P) ** 2 % P == xx)
    return (x, y, 1, x * y % P) if x & 1 == odd else (P - x, y, 1, -x * y % P)
def signed(message, by, keys):
    key, sig = bytes.fromhex(by["public_key"]), bytes.fromhex(by["signature"])
    k, s = int.from_bytes(sha512(sig[:32] + key + message).digest(), "little"), int.from_bytes(sig[32:], "little")
    left, right = times(s, point(BASE)), add(point(sig[:32]), times(k % ORDER, point(key)))
    same = s < ORDER and all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))
    return same and sha256(key).hexdigest()[:16] == by["kid"] and key.hex() in (keys or [key.hex()])
def sealed(row, seal, index, path):  # the row's hash is a leaf of the tree of its day (RFC 6962)
    numbers = [*(row[name] for name in ROW), date.fromisoformat(row["biz_date"]).toordinal() - DAY0]
    packed = b"".join((-(2**63) if n is None else n).to_bytes(8, "big", signed=True) for n in numbers)
    own = sha256(b"\1" + bytes.fromhex(row["prev"]) + packed).digest()
    node, size, path = sha256(b"\0" + own).digest(), seal["n"], [bytes.fromhex(one) for one in path]
    while size > 1:  # an odd last node goes up alone
        if index ^ 1 < size:
            node = sha256(b"\1" + (path.pop(0) + node if index & 1 else node + path.pop(0))).digest()
        index, size = index >> 1, (size + 1) // 2
    on = date.fromordinal((row["posted_at"] // 10**6 + 8 * 3600) // 86400 + DAY0).isoformat()
    return [own.hex(), node.hex(), on, index, *path, len(row)] == [row["hash"], seal["merkle_root"], seal["day"], 0, 16]
def proved(raw, keys):  # written in any other way, a file would have bytes that nothing protects
    doc = json.loads(raw)
    seals = doc["seals"] if "seals" in doc else [doc["seal"]]
    plain = raw.decode() == json.dumps(doc, indent=1).lower() + "\n" and [doc["format"], *[*doc][1:]] in KINDS
    heads = [(sha256(words(seal)).hexdigest(), seal["merkle_root"]) for seal in seals]
    chained = heads[:-1] == [(seal["prev_head"], seal["prev_root"]) for seal in seals[1:]]
    kept = all([*seal] == [*SEAL, "signature"] and signed(words(seal), seal, keys) for seal in seals)
    return plain and chained and kept and ("seals" in doc or sealed(doc["transfer"], doc["seal"], **doc["proof"]))
def whole(pack, keys):
    raw, count = pack.read("manifest.json"), len(pack.namelist())
    told = {one["name"]: one["sha256"] for one in json.loads(raw)["files"]}
    fits = all(sha256(pack.read(one)).hexdigest() == told[one] for one in told) and count == len(told) + 2
    true = all(proved(pack.read(one), keys) for one in told if one.startswith("receipts/"))
    return fits and true and signed(b"prepaid-evidence-v1\n" + raw, json.loads(pack.read("manifest.sig")), keys)
pins, bad = sys.argv[2].split(",") if sys.argv[1:2] == ["--key"] else [], []
for name in sys.argv[3 if pins else 1:]:
    try: good = whole(zipfile.ZipFile(name), pins) if name.endswith(".zip") else proved(open(name, "rb").read(), pins)
    except Exception: good = False  # whatever a damaged file breaks
    print("一致" if good else "不一致，不能作为凭证", name)
    bad += [name] * (not good)
sys.exit(bool(bad))
