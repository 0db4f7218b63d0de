// Writes the parts of README.md and docs/*.md that come from other files, so that they cannot rot:
//   <!-- cut FILE [REGION] --> … <!-- /cut -->   is filled with FILE, or with what stands there between `#region REGION` and `#endregion`;
//   of a YAML file with several objects, `Kind/name,Kind/name` takes these.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './install.mjs';
import { Refusal, fail } from './terminal.mjs';

const LANGUAGE = { '.ts': 'ts', '.yaml': 'yaml', '.json': 'json', '.txt': '' };

function dedent(lines) {
  const indent = Math.min(...lines.filter((line) => line.trim()).map((line) => line.length - line.trimStart().length));
  return lines.map((line) => line.slice(indent));
}

/** The text of a file, or of one region of it, without the region marks of others. */
export function cut(file, region) {
  const path = join(root, file);
  if (!existsSync(path)) throw new Refusal(`docs: there is no ${file}`);
  const text = readFileSync(path, 'utf8').trimEnd();
  if (region?.includes('/')) return region.split(',').map((object) => cutObject(file, text, object)).join('\n---\n');
  const lines = text.split('\n');
  if (!region) return lines.filter((line) => !/#(end)?region/.test(line)).join('\n');
  const start = lines.findIndex((line) => new RegExp(`#region ${region}\\s*$`).test(line));
  const end = lines.findIndex((line, index) => index > start && line.includes('#endregion'));
  if (start < 0 || end < 0) throw new Refusal(`docs: ${file} has no #region ${region}`);
  return dedent(lines.slice(start + 1, end)).join('\n');
}

function cutObject(file, text, object) {
  const [kind, name] = object.split('/');
  const found = text.split(/^---\n/m).find((one) => new RegExp(`^kind: ${kind}$`, 'm').test(one) && new RegExp(`^  name: ${name}$`, 'm').test(one));
  if (!found) throw new Refusal(`docs: ${file} has no ${object}`);
  return found.trimEnd();
}

export function fill(text) {
  return text.replace(/(<!-- cut (\S+)(?: (\S+))? -->\n)[\s\S]*?(<!-- \/cut -->)/g, (_all, open, file, region, close) =>
    `${open}\`\`\`${LANGUAGE[extname(file)] ?? ''}\n${cut(file, region)}\n\`\`\`\n${close}`);
}

export async function writeDocs() {
  const pages = ['README.md', ...readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md')).map((name) => join('docs', name))];
  for (const page of pages) {
    const path = join(root, page);
    const before = readFileSync(path, 'utf8');
    const after = fill(before);
    if (after !== before) writeFileSync(path, after);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeDocs().catch(fail);
