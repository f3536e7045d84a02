// SPDX-License-Identifier: Apache-2.0
// peers.mjs MODULES BENCH FOLDER...: cold appraisals by Quotary and by both npm builds of dcap-qvl, side by side.
// FOLDERs hold evidence as bench --evidence writes it. Called by tools/bench-peers.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, bench, ...folders] = process.argv.slice(2);
const packages = join(resolve(modules), "node_modules", "@phala");
const require = createRequire(join(packages, "x"));
const versionOf = (name) => JSON.parse(readFileSync(join(packages, name, "package.json"))).version;

const text = (folder, name) => readFileSync(join(folder, name), "utf8");

// The bytes that were signed, and the signature: {"tcbInfo":<these>,"signature":"<hex>"}.
function signedParts(document) {
  const begin = document.indexOf(":") + 1;
  const end = document.lastIndexOf(',"signature"');
  const signature = JSON.parse(document).signature;
  return { body: document.slice(begin, end), signature };
}

function readCase(folder) {
  const info = signedParts(text(folder, "tcb_info.json").trim());
  const identity = signedParts(text(folder, "qe_identity.json").trim());
  const chain = text(folder, "pck_chain.pem");
  const certificates = chain.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\s*/g) ?? [];
  return {
    folder,
    name: basename(folder),
    time: JSON.parse(text(folder, "meta.json")).time,
    quote: readFileSync(join(folder, "quote.bin")),
    root: Buffer.from(text(folder, "root_ca.pem").replace(/-----[^-]+-----|\s/g, ""), "base64"),
    collateral: {
      pck_crl_issuer_chain: certificates.slice(1).join(""),
      root_ca_crl: readFileSync(join(folder, "root_crl.der")).toString("hex"),
      pck_crl: readFileSync(join(folder, "pck_crl.der")).toString("hex"),
      tcb_info_issuer_chain: text(folder, "tcb_chain.pem"),
      tcb_info: info.body,
      tcb_info_signature: info.signature,
      qe_identity_issuer_chain: text(folder, "qe_chain.pem"),
      qe_identity: identity.body,
      qe_identity_signature: identity.signature,
    },
  };
}

// The best of about two seconds, after one second to warm the compiler up: what else the machine does hits long runs more
// than short ones, and theirs are the long ones.
function time(run) {
  let best = Infinity;
  for (const seconds of [1, 2]) {
    const end = performance.now() + seconds * 1000;
    best = Infinity;
    while (performance.now() < end) {
      const began = performance.now();
      run();
      best = Math.min(best, (performance.now() - began) * 1e6);
    }
  }
  return best;
}

function attempt(run) {
  try {
    return { status: run()?.status, ns: time(run) };
  } catch (error) {
    return { skipped: String(error?.message ?? error).split("\n")[0].slice(0, 100) };
  }
}

async function loadPeers() {
  const { QuoteVerifier } = require("@phala/dcap-qvl");
  const web = await import(pathToFileURL(join(packages, "dcap-qvl-web", "dcap-qvl-web.js")).href);
  web.initSync({ module: readFileSync(join(packages, "dcap-qvl-web", "dcap-qvl-web_bg.wasm")) });
  return [
    {
      name: `dcap-qvl ${versionOf("dcap-qvl")} (JavaScript)`,
      run: (one) => {
        const verifier = QuoteVerifier.newWithRootCa(one.root);
        return attempt(() => verifier.verify(one.quote, one.collateral, one.time));
      },
    },
    {
      name: `dcap-qvl-web ${versionOf("dcap-qvl-web")} (WebAssembly)`,
      run: (one) => {
        if (one.name.startsWith("simulated-")) return { skipped: "it takes no root but Intel's" };
        const quote = new Uint8Array(one.quote);
        return attempt(() => web.js_verify(quote, one.collateral, BigInt(one.time)));
      },
    },
  ];
}

function readOurs(cases) {
  const flags = cases.flatMap((one) => [String(one.time), one.folder]);
  const lines = execFileSync(bench, ["--cold", ...flags], { encoding: "utf8" }).trim().split("\n").map((l) => JSON.parse(l));
  return { unit: lines.find((line) => line.unit).ns, byFolder: new Map(lines.map((line) => [line.folder, line])) };
}

const units = (ns, unit) => (ns / unit).toFixed(1).padStart(8);

const cases = folders.map(readCase);
const { unit, byFolder } = readOurs(cases);
const peers = await loadPeers();
const results = [];
console.log(`Cold appraisals from bytes. Units: one P-256 verification by OpenSSL, ${(unit / 1000).toFixed(1)} us in this run.\n`);
for (const one of cases) {
  const ours = byFolder.get(one.folder);
  if (ours.ns === undefined) {
    console.log(`${one.name}: skipped: not authentic at its time (${ours.skipped})`);
    continue;
  }
  console.log(`${one.name}`);
  console.log(`  ${"quotary".padEnd(40)} ${units(ours.ns, unit)}          ${ours.status}`);
  const row = { name: one.name, quotary: { ns: ours.ns } };
  for (const peer of peers) {
    const theirs = peer.run(one);
    row[peer.name] = theirs;
    console.log(
      theirs.ns === undefined
        ? `  ${peer.name.padEnd(40)} ${"-".padStart(8)}          skipped: ${theirs.skipped}`
        : `  ${peer.name.padEnd(40)} ${units(theirs.ns, unit)} ${`${(theirs.ns / ours.ns).toFixed(1)} x`.padStart(9)} ${theirs.status}`,
    );
  }
  results.push(row);
}
writeFileSync(join(modules, "..", "bench-peers.json"), `${JSON.stringify({ unit_ns: unit, cases: results }, null, 1)}\n`);
