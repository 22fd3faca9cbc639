// Prints the Khronos validator's report about the GLB file on standard input.
import { readFileSync } from "node:fs";
import { validateBytes } from "gltf-validator";

const report = await validateBytes(new Uint8Array(readFileSync(0)), { maxIssues: 100 });
console.log(JSON.stringify(report));
