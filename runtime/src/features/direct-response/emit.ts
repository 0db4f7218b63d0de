import type { DataSource } from '../../envoy';
import type { Emitter } from '../emitter';
import { directResponse } from './model';

export const directResponseEmitter: Emitter = {
  answer(rule) {
    const value = rule.features.get(directResponse);
    return value && { directResponse: { status: value.status, ...(value.body !== undefined && { body: emitBody(value.body) }) } };
  },
};

function emitBody(body: string | Uint8Array): DataSource {
  return typeof body === 'string' ? { inlineString: body } : { inlineBytes: body };
}
