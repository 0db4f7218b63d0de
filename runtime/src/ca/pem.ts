const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;

/** The blocks with that label, each with a line end behind it, so that they can be joined. */
export function pemBlocks(text: string, label: string): string[] {
  return [...text.matchAll(BLOCK)].filter(([, found]) => found === label).map(([block]) => `${block.replace(/\r\n?/g, '\n')}\n`);
}

export function certificatesIn(text: string): string[] {
  return pemBlocks(text, 'CERTIFICATE');
}
