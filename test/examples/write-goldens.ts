// `npx projen goldens` runs this: writes expected.yaml of every example and the complete output of one anew.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMPLETE, EXAMPLES, byObject, exampleNames, meshObjects, synthesize } from './manifests';

for (const name of exampleNames()) {
  const manifest = synthesize(name);
  writeFileSync(join(EXAMPLES, name, 'expected.yaml'), meshObjects(manifest));
  if (name !== COMPLETE.example) continue;
  rmSync(COMPLETE.folder, { recursive: true, force: true });
  mkdirSync(COMPLETE.folder, { recursive: true });
  for (const [file, text] of byObject(manifest)) writeFileSync(join(COMPLETE.folder, file), text);
}
