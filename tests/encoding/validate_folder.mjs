// Prints for every GLB file of a folder how many errors and warnings the Khronos validator finds.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { validateBytes } from "gltf-validator";

const folder = process.argv[2];
const found = {};
for (const name of readdirSync(folder).sort()) {
  const report = await validateBytes(new Uint8Array(readFileSync(join(folder, name))), { maxIssues: 20 });
  found[name] = report.issues.numErrors + report.issues.numWarnings;
}
console.log(JSON.stringify(found));
