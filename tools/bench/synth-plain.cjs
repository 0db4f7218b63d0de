// The objects that synth-mesh.cjs wrote into the folder, read back and written again as plain cdk8s ApiObjects. Prints the milliseconds, reading left out.
const { readFileSync, readdirSync, mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { ApiObject, App, Chart } = require('cdk8s');
const yaml = require('js-yaml');

const folder = process.argv[3];
const objects = readdirSync(folder).filter((name) => name.endsWith('.yaml')).flatMap((name) => yaml.loadAll(readFileSync(join(folder, name), 'utf8')));
const outdir = mkdtempSync(join(tmpdir(), 'mesh-plain-'));
const start = process.hrtime.bigint();
const app = new App({ outdir });
const chart = new Chart(app, 'bench', { namespace: 'bench' });
objects.forEach((object, i) => new ApiObject(chart, `object-${i}`, object));
app.synth();
console.log(Number(process.hrtime.bigint() - start) / 1e6);
rmSync(outdir, { recursive: true, force: true });
