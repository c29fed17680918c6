// Tries keys on records with mcl-wasm. `node trials.cjs PACKAGE`; one JSON line in, one out.
//
// The first line is the workload, {keys, records} in hexadecimal. Each further line is a share,
// {record, first, end}. The answer is {microseconds, opened}: the share's processor time and which keys opened.

const { createHash } = require("node:crypto");
const readline = require("node:readline");
const nacl = require("tweetnacl");
const mcl = require(process.argv[2]);

const C1 = 96;
const MASKED = C1 + 32;
const NONCE = MASKED + 24;

const sha256 = (bytes) => createHash("sha256").update(bytes).digest();

function read({ keys, records }) {
  return {
    keys: keys.map((hex) => mcl.deserializeHexStrToG1(hex)),
    records: records.map((hex) => {
      const bytes = Buffer.from(hex, "hex");
      return {
        c1: mcl.deserializeHexStrToG2(bytes.subarray(0, C1).toString("hex")),
        masked: bytes.subarray(C1, MASKED),
        nonce: bytes.subarray(MASKED, NONCE),
        sealed: bytes.subarray(NONCE),
      };
    }),
  };
}

function opens(pairing, { masked, nonce, sealed }) {
  const secret = sha256(pairing.serialize()).map((byte, i) => byte ^ masked[i]);
  return nacl.secretbox.open(sealed, nonce, sha256(secret)) !== null;
}

function pass(keys, record, first, end) {
  const opened = [];
  const lines = new mcl.PrecomputedG2(record.c1);
  for (let key = first; key < end; key++) {
    const pairing = mcl.finalExp(mcl.precomputedMillerLoop(keys[key], lines));
    if (opens(pairing, record)) opened.push(key);
  }
  lines.destroy();
  return opened;
}

async function main() {
  await mcl.init(mcl.BLS12_381);
  let workload;
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const question = JSON.parse(line);
    const start = process.cpuUsage();
    let opened = [];
    if (workload === undefined) {
      workload = read(question);
    } else {
      const record = workload.records[question.record];
      opened = pass(workload.keys, record, question.first, question.end);
    }
    const { user, system } = process.cpuUsage(start);
    process.stdout.write(JSON.stringify({ microseconds: user + system, opened }) + "\n");
  }
}

main();
