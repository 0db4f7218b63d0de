const LINE = 140;
const ENOUGH = 260;
const SENTENCE = /.+?(?:(?<!e\.g|i\.e|vs)[.!?](?=\s+[A-Z`*])|$)/g;

/** A TSDoc comment of the useful first sentences of a description, with its tags; nothing where there is nothing to say. */
export function comment(description: string | undefined, tags: readonly string[], indent = ''): string {
  const { text, link } = shorten(description ?? '');
  const all = link === undefined ? tags : [`@see ${link}`, ...tags];
  const paragraphs = [...(text === '' ? [] : [text]), ...all].map(paragraph => paragraph.replaceAll('*/', '*\\/'));
  if (paragraphs.length === 0) {
    return '';
  }
  const lines = paragraphs.flatMap(paragraph => wrap(paragraph, LINE - indent.length));
  return lines.length === 1
    ? `${indent}/** ${lines[0]} */\n`
    : `${indent}/**\n${lines.map(line => `${indent} * ${line}\n`).join('')}${indent} */\n`;
}

/** The first paragraph, cut after the sentence that makes it long enough, without what the type itself says. */
function shorten(description: string): { text: string; link?: string } {
  const link = /See more details at: (\S+)/.exec(description)?.[1];
  const first = description
    .replace(/See more details at: \S+/, '')
    .replace(/\n*Valid Options: [^\n]*/, '')
    .replace(/<\/?gateway:[^>]*>/g, '')
    .trim()
    .split(/\n\s*\n/)[0]
    .replace(/\s+/g, ' ');
  let text = '';
  for (const sentence of first.match(SENTENCE) ?? []) {
    if (text !== '' && text.length + sentence.length > ENOUGH) {
      break;
    }
    text += sentence;
  }
  // Istio cuts its own descriptions after the first full stop, that of "e.g." included.
  return { text: text.trim().replace(/:$|[,\s(]*e\.g\.$/, '.'), link };
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
