import type { VirtualServiceHeaderOperations, VirtualServiceSpecHttpHeaders } from '../../../../imports/istio/virtual-service.types';
import type { Attachment } from '../../model/attachment';
import { attach } from '../../model/attachment';
import { compare } from '../../model/host';
import type { Place } from '../../model/place';
import { readHeaderName, readHeaderValue, readLine } from '../header-format';
import type { Reader } from '../reader';
import type { HeaderOperations, HeaderValues } from './model';
import { headers } from './model';

export const headersReader: Reader = {
  rule: (spec, place) => readHeaders(spec.headers, place.at('headers')),
  destination: (spec, place) => readHeaders(spec.headers, place.at('headers')),
};

function readHeaders(spec: VirtualServiceSpecHttpHeaders | undefined, place: Place): readonly Attachment[] {
  const request = spec?.request;
  const at = place.at('request');
  return spec
    ? [attach(headers, {
      request: readOperations(request, at),
      response: readOperations(spec.response, place.at('response')),
      authority: readLine(authorityOf(request?.set), at.at('set')) ?? readLine(authorityOf(request?.add), at.at('add')),
    })]
    : [];
}

function readOperations(spec: VirtualServiceHeaderOperations | undefined, place: Place): HeaderOperations {
  return {
    set: readValues(spec?.set, place.at('set')),
    add: readValues(spec?.add, place.at('add')),
    remove: (spec?.remove ?? []).filter((name, i) => !isPseudo(name) && readHeaderName(name, place.at('remove').at(i)) !== undefined),
  };
}

function readValues(values: Readonly<Record<string, string>> | undefined, place: Place): HeaderValues {
  const valid = Object.entries(values ?? {}).filter(([name, value]) => !isPseudo(name)
    && readHeaderName(name, place) !== undefined && readHeaderValue(value, place.at(name)) !== undefined);
  return valid.sort(([a], [b]) => compare(a, b));
}

function authorityOf(values: Readonly<Record<string, string>> | undefined): string | undefined {
  return Object.entries(values ?? {}).find(([name]) => /^(:authority|host)$/i.test(name))?.[1];
}

/** Envoy does not let header operations touch these. */
function isPseudo(name: string): boolean {
  return name.startsWith(':') || name.toLowerCase() === 'host';
}
