// `npm run bench`: the figures of the project, each beside what it was compared with in the same run. Nothing here is a test.
import { build } from './build.mjs';
import { installPackages, installSystemPackages } from './install.mjs';
import { requireTime, synthTime, typeCheckTime } from './bench/library.mjs';
import { certificateFigures } from './bench/certificates.mjs';
import { compileTime } from './bench/compile.mjs';
import { editFigures } from './bench/edits.mjs';
import { gatewayFigures } from './bench/gateway.mjs';
import { meshFigures } from './bench/mesh.mjs';
import { mtlsFigures, rotationFigures } from './bench/mtls.mjs';
import { fail, step } from './terminal.mjs';

const suites = {
  require: requireTime, synth: synthTime, types: typeCheckTime, compile: compileTime, edits: editFigures, gateway: gatewayFigures, mesh: meshFigures, mtls: mtlsFigures, rotation: rotationFigures, certificates: certificateFigures,
};

/** A table of name, value, unit, and what the value was compared with. */
function print(rows) {
  const cells = [['figure', 'value', 'unit', 'compared with'], ...rows.map(({ name, value, unit, versus }) => [name, String(value), unit, versus ?? ''])];
  const widths = [0, 1, 2].map((column) => Math.max(...cells.map((row) => row[column].length)));
  for (const [name, value, unit, versus] of cells) console.log(`${name.padEnd(widths[0])}  ${value.padStart(widths[1])}  ${unit.padEnd(widths[2])}  ${versus}`);
}

async function main() {
  const chosen = process.argv.slice(2);
  await step('system', installSystemPackages);
  await step('install', installPackages);
  await step('build', build);
  const rows = [];
  for (const [name, suite] of Object.entries(suites)) {
    if (chosen.length && !chosen.includes(name)) continue;
    await step(`measure ${name}`, async () => {
      rows.push(...await suite());
    });
  }
  console.log();
  print(rows);
}

main().catch(fail);
