/* Checks a receipt in the browser, byte for byte what docs/verify/verify.py checks; nothing leaves the page. */
"use strict";

const SEAL = "day n amount_sum merkle_root prev_root prev_head sealed_at kid public_key".split(" ");
const ROW = (
  "id posted_at kind debit credit amount card_seq card_balance ref_type ref_id reverses actor_kind actor_id"
).split(" ");
const NULL = -(2n ** 63n);
const DAY = 86400000;
const CHINA = 8 * 3600000;

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const text = (words) => new TextEncoder().encode(words);

function bytes(written) {
  if (!/^([0-9a-f]{2})*$/.test(written)) throw new Error("凭证里有不认识的字符");
  return Uint8Array.from(written.match(/../g) || [], (pair) => parseInt(pair, 16));
}

async function sha256(...parts) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", await new Blob(parts).arrayBuffer()));
}

function need(ok, said) {
  if (!ok) throw new Error(said);
}

function same(found, wanted) {
  return JSON.stringify(found) === JSON.stringify(wanted);
}

/* What is signed: one field a line. */
function words(seal) {
  return text(["prepaid-seal-v1", ...SEAL.map((name) => String(seal[name]))].join("\n"));
}

/* The canonical encoding of a movement: a version byte, the hash before it, each field as eight bytes. */
function encoded(row) {
  const numbers = [...ROW.map((name) => row[name]), Date.parse(`${row.biz_date}T00:00:00Z`) / DAY];
  const view = new DataView(new ArrayBuffer(numbers.length * 8));
  numbers.forEach((number, at) => {
    need(number === null || Number.isSafeInteger(number), "凭证里的数字不对");
    view.setBigInt64(at * 8, number === null ? NULL : BigInt(number));
  });
  return [Uint8Array.of(1), bytes(row.prev), view];
}

/* From the leaf up to the root; an odd last node goes up alone (RFC 6962). */
async function rootOf(row, proof, seal) {
  const leaf = await sha256(...encoded(row));
  need(hex(leaf) === row.hash, "流水和它的校验值不符");
  let node = await sha256(Uint8Array.of(0), leaf);
  const beside = proof.path.map(bytes);
  let index = proof.index;
  need(Number.isSafeInteger(index) && index >= 0 && index < seal.n, "凭证里的位置不对");
  for (let size = seal.n; size > 1; size = Math.floor((size + 1) / 2)) {
    const other = index % 2 ? index - 1 : index + 1;
    if (other < size) {
      need(beside.length, "凭证不完整");
      const pair = index % 2 ? [beside.shift(), node] : [node, beside.shift()];
      node = await sha256(Uint8Array.of(1), ...pair);
    }
    index = Math.floor(index / 2);
  }
  need(!beside.length, "凭证里有多余的内容");
  return hex(node);
}

async function isSigned(seal, keys) {
  need(keys.includes(seal.public_key), "签名公钥不是公布的那一个");
  const raw = bytes(seal.public_key);
  need(hex(await sha256(raw)).slice(0, 16) === seal.kid, "公钥编号不对");
  const key = await crypto.subtle.importKey("raw", raw, "Ed25519", false, ["verify"]);
  return crypto.subtle.verify("Ed25519", key, bytes(seal.signature), words(seal));
}

/* Throws with the reason in Chinese; returns the receipt when everything holds. */
async function check(written, keys) {
  const receipt = JSON.parse(written);
  need(written === `${JSON.stringify(receipt, null, 1)}\n`.toLowerCase(), "文件被改动过，或不是凭证文件");
  need(receipt.format === "prepaid-receipt-v1", "不是凭证文件；证据包和全部封账请用下面的核对程序");
  const { transfer, proof, seal } = receipt;
  need(
    same(
      [Object.keys(receipt), Object.keys(transfer), Object.keys(proof), Object.keys(seal)],
      [["format", "transfer", "proof", "seal"], [...ROW, "biz_date", "prev", "hash"], ["index", "path"], [...SEAL, "signature"]],
    ),
    "凭证里的栏目不对",
  );
  need(await isSigned(seal, keys), "封账的签名不对");
  need((await rootOf(transfer, proof, seal)) === seal.merkle_root, "这笔流水不在当天的封账里，或被改动过");
  const posted = new Date(transfer.posted_at / 1000 + CHINA).toISOString().slice(0, 10);
  need(posted === seal.day, "入账时间不在封账的那一天");
  return receipt;
}

function facts({ transfer, proof, seal }) {
  return [
    ["流水号", String(transfer.id)],
    ["金额", `${(transfer.amount / 100).toFixed(2)} 元`],
    ["业务日期", transfer.biz_date],
    ["封账日", `${seal.day}，当天 ${seal.n} 笔中的第 ${proof.index + 1} 笔`],
    ["签名公钥编号", seal.kid],
  ];
}

const form = document.getElementById("verify");
const verdict = document.getElementById("verdict");

function show(id, fill) {
  const shown = document.getElementById(id).content.cloneNode(true);
  fill(shown);
  verdict.replaceChildren(shown);
}

form.hidden = false;
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("change", async (event) => {
  const [file] = event.target.files;
  if (!file) return;
  try {
    const receipt = await check(await file.text(), form.dataset.keys.split(","));
    show("good", (shown) => {
      const list = shown.querySelector("dl");
      for (const [name, value] of facts(receipt)) {
        const row = document.createElement("div");
        for (const [tag, said] of [["dt", name], ["dd", value]]) {
          const cell = document.createElement(tag);
          cell.textContent = said;
          row.append(cell);
        }
        list.append(row);
      }
    });
  } catch (error) {
    /* A browser without Ed25519 proves nothing either way. */
    const cannot = error.name === "NotSupportedError" || !window.crypto?.subtle;
    const said = error instanceof SyntaxError ? "不是凭证文件，或文件已损坏" : error.message;
    if (cannot) show("cannot", () => {});
    else show("bad", (shown) => (shown.querySelector("p").textContent = said));
  }
});
