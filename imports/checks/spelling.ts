const LONGEST = 40;

/** ` (did you mean "weight"?)` for the known word nearest to a misspelt one; nothing where none is near. */
export function didYouMean(word: string, known: readonly string[]): string {
  const nearest = closest(word, known);
  return nearest === undefined ? '' : ` (did you mean ${JSON.stringify(nearest)}?)`;
}

function closest(word: string, known: readonly string[]): string | undefined {
  if (word.length > LONGEST) {
    return undefined;
  }
  const allowed = Math.max(1, Math.floor(word.length / 3));
  let best: string | undefined;
  let bestDistance = allowed + 1;
  for (const candidate of known) {
    const distance = editDistance(simplified(word), simplified(candidate));
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** `load_balancer`, `load-balancer` and `LoadBalancer` are the same word. */
function simplified(word: string): string {
  return word.replace(/[-_]/g, '').toLowerCase();
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one word into the other. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = last[column - 1] + (a[row - 1] === b[column - 1] ? 0 : 1);
      current[column] = Math.min(replaced, last[column] + 1, current[column - 1] + 1);
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        current[column] = Math.min(current[column], beforeLast[column - 2] + 1);
      }
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length];
}
