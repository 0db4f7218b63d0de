import { isRecord } from '../model/parsed-value';

/** A format for `accessLogEncoding: JSON`; undefined if it is no JSON object. */
export function parseJsonFormat(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
