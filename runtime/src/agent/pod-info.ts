import { readFileSync } from 'node:fs';

/**
 * A file of a downward API volume: one `key="value"` in each line, quoted as Go does, which JSON reads but for `\x..` and the like.
 * Without the file there are none.
 */
export function readPodInfo(path: string): Record<string, string> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return {};
  }
  return Object.fromEntries(text.split('\n').flatMap((line) => {
    const equals = line.indexOf('=');
    return equals < 0 ? [] : [[line.slice(0, equals), unquote(line.slice(equals + 1))]];
  }));
}

function unquote(quoted: string): string {
  try {
    return String(JSON.parse(quoted.replace(/\\a/g, '\\u0007').replace(/\\v/g, '\\u000b').replace(/\\x([0-9a-f]{2})/g, '\\u00$1')));
  } catch {
    return quoted;
  }
}
