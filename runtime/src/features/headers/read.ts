import type { VirtualServiceHeaderOperations, VirtualServiceSpecHttpHeaders } from '../../../../imports/istio/virtual-service.types';
import type { Attachment } from '../../model/attachment';
import { attach } from '../../model/attachment';
import { compare } from '../../model/host';
import type { Reader } from '../reader';
import type { HeaderOperations, HeaderValues } from './model';
import { headers } from './model';

export const headersReader: Reader = {
  rule: (spec) => readHeaders(spec.headers),
  destination: (spec) => readHeaders(spec.headers),
};

function readHeaders(spec: VirtualServiceSpecHttpHeaders | undefined): readonly Attachment[] {
  return spec
    ? [attach(headers, {
      request: readOperations(spec.request),
      response: readOperations(spec.response),
      authority: authorityOf(spec.request?.set) ?? authorityOf(spec.request?.add),
    })]
    : [];
}

function readOperations(spec: VirtualServiceHeaderOperations | undefined): HeaderOperations {
  return {
    set: readValues(spec?.set),
    add: readValues(spec?.add),
    remove: (spec?.remove ?? []).filter((name) => !isPseudo(name)),
  };
}

function readValues(values: Readonly<Record<string, string>> | undefined): HeaderValues {
  return Object.entries(values ?? {}).filter(([name]) => !isPseudo(name)).sort(([a], [b]) => compare(a, b));
}

function authorityOf(values: Readonly<Record<string, string>> | undefined): string | undefined {
  return Object.entries(values ?? {}).find(([name]) => /^(:authority|host)$/i.test(name))?.[1];
}

/** Envoy does not let header operations touch these. */
function isPseudo(name: string): boolean {
  return name.startsWith(':') || name.toLowerCase() === 'host';
}
