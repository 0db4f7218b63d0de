// Every example on real Envoys: `mesh up EXAMPLE --offline --check checks.yaml`, two at a time, because most of a check's time is waiting.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './terminal.mjs';

/** Counts of one `mesh up --check --output json`. */
export function countChecks(name, stdout) {
  const report = JSON.parse(stdout);
  const failed = report.checks.filter((check) => check.state === 'failed');
  const line = (check) => [`${name}: ${check.name}`, `expected ${check.expected}`, `observed ${check.observed}`, ...check.problems.map((text) => `problem ${text}`)].join('\n    ');
  const start = failed.length > 0 && report.notReady !== undefined ? [`${name}: when the checks began, ${report.notReady}`] : [];
  return {
    passed: report.checks.filter((check) => check.state === 'passed').length,
    failed: failed.length,
    skipped: report.checks.filter((check) => check.state === 'skipped').length,
    output: [...start, ...failed.map(line)].join('\n'),
  };
}

/** Brings `manifests` (an example's folder, or its synthesized ones) up with the built `mesh` and runs the checks of `folder`. */
export async function checkExample({ mesh, folder, manifests = folder }, options = {}) {
  const args = ['up', manifests, '--offline', '--check', join(folder, 'checks.yaml'), '--output', 'json'];
  const result = await run(process.execPath, [mesh, ...args], options).catch((error) => error);
  try {
    return countChecks(folder, result.stdout);
  } catch {
    return { failed: 1, output: `${folder}: no report\n${result.output ?? result}` };
  }
}

const sum = (results) => ({
  passed: results.reduce((n, r) => n + (r.passed ?? 0), 0),
  failed: results.reduce((n, r) => n + (r.failed ?? 0), 0),
  skipped: results.reduce((n, r) => n + (r.skipped ?? 0), 0),
  output: results.map((r) => r.output).filter(Boolean).join('\n'),
});

export async function checkExamples(root) {
  const queue = readdirSync(join(root, 'examples')).filter((name) => existsSync(join(root, 'examples', name, 'checks.yaml')));
  const results = [];
  const worker = async () => {
    for (let name = queue.shift(); name; name = queue.shift()) {
      results.push(await checkExample({ mesh: join(root, 'runtime/lib/mesh.js'), folder: join('examples', name) }, { cwd: root }));
    }
  };
  await Promise.all([worker(), worker()]);
  return sum(results);
}
