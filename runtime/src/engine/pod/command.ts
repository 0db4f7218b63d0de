import type { Container, Pod } from '../../kubernetes';
import type { Problem } from '../../model/problem';

const PREFIX = 'local.cdk8s-istio.dev/';

/** What runs in place of a container's image. */
export interface LocalCommand {
  /** Undefined: the built-in echo server. */
  readonly argv?: readonly string[];
  readonly problem?: Problem;
}

/** The command of the annotation `local.cdk8s-istio.dev/<container>`: a JSON list of words, or one line for `sh -c`. */
export function localCommand(pod: Pod, container: Container): LocalCommand {
  const text = pod.metadata.annotations?.[PREFIX + container.name]?.trim();
  if (!text) {
    return {};
  }
  if (!text.startsWith('[')) {
    return { argv: ['sh', '-c', text] };
  }
  const words = parseWords(text);
  return words ? { argv: words } : { problem: unreadable(pod, container.name, text) };
}

function parseWords(text: string): readonly string[] | undefined {
  try {
    const words: unknown = JSON.parse(text);
    const fits = Array.isArray(words) && words.length > 0 && words.every((word) => typeof word === 'string');
    return fits ? words as string[] : undefined;
  } catch {
    return undefined;
  }
}

function unreadable(pod: Pod, container: string, text: string): Problem {
  const { namespace, name } = pod.metadata;
  return {
    resource: { kind: 'Pod', namespace, name },
    path: `metadata.annotations["${PREFIX}${container}"]`,
    message: `must be a JSON list of words such as ["node", "server.js"], or a line for the shell, got ${text}; the echo server runs instead`,
  };
}
