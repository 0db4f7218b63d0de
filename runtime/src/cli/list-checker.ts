import { parseDuration } from '../features/duration';
import { ATTRIBUTES, type Attribute } from '../list-checker/check';
import type { EntryKind } from '../list-checker/list';
import { startListChecker } from '../list-checker/run';
import { Failure } from './failure';

interface ListCheckerFlags {
  readonly list?: string;
  readonly entry?: readonly string[];
  readonly value: string;
  readonly mode: 'allow' | 'deny';
  readonly compare: EntryKind;
  readonly refresh: string;
  readonly http?: string;
  readonly grpc?: string;
  readonly pathPrefix: string;
  readonly status: string;
  readonly message: string;
}

/** Runs until it is told to end. */
export async function listChecker(flags: ListCheckerFlags): Promise<number> {
  const refreshEvery = parseDuration(flags.refresh);
  const status = Number(flags.status);
  if (!refreshEvery) {
    throw new Failure(`--refresh is ${flags.refresh}: expected a time, such as 30s`);
  }
  if (!flags.list && !flags.entry?.length) {
    throw new Failure('there is nothing to compare with: give --list URL-OR-FILE, or --entry VALUE, or both');
  }
  if (!flags.http && !flags.grpc) {
    throw new Failure('nobody could ask: give --http PORT, --grpc PORT, or both');
  }
  if (flags.http && flags.value === 'source.ip') {
    throw new Failure('--value source.ip is known over gRPC only: give --grpc PORT instead of --http, and use envoyExtAuthzGrpc');
  }
  if (!Number.isInteger(status) || status < 400 || status > 599) {
    throw new Failure(`--status is ${flags.status}: expected 400 to 599`);
  }
  const checker = await startListChecker({
    ...(flags.list && { from: flags.list }), entries: flags.entry ?? [], kind: flags.compare, refreshEvery,
    attribute: readAttribute(flags.value), mode: flags.mode, pathPrefix: flags.pathPrefix, denial: { status, message: flags.message },
    ...(flags.http && { http: readPort(flags.http) }), ...(flags.grpc && { grpc: readPort(flags.grpc) }),
  });
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve).once('SIGINT', resolve);
  });
  checker.close();
  return 0;
}

function readAttribute(text: string): Attribute {
  if (/^header:[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text) || (ATTRIBUTES as readonly string[]).includes(text)) {
    return text as Attribute;
  }
  throw new Failure(`--value is ${text}: expected header:NAME, ${ATTRIBUTES.join(', ')}`);
}

function readPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Failure(`${text} is no port`);
  }
  return port;
}
