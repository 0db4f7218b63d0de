import type { VirtualServiceSpecHttp } from '../../istio';
import { checkGatewayNames, checkLabels, checkPort, isLabel } from './names';
import type { Tell } from './tell';

type Match = NonNullable<VirtualServiceSpecHttp['match']>[number];
type Text = NonNullable<Match['method']>;

/** What HTTP allows in a name (RFC 9110 5.6.2), Envoy's own names for what HTTP/1.1 has in its first line, and claims of tokens. */
const HEADER_NAME = /^(:?[-!#$%&'*+.^_`|~0-9A-Za-z]+|@request\.auth\.claims.*)$/i;
/** As many letters, as Istio allows. */
const LONGEST_PATTERN = 1024;

export function checkMatch(match: Match, path: string, tell: Tell): void {
  const { uri, headers = {}, withoutHeaders = {}, queryParams = {} } = match;
  if (uri?.prefix === '') tell(`${path}.uri.prefix`, 'is empty: write / for every path, or leave the match out');
  checkPattern(uri, `${path}.uri`, tell);
  for (const field of ['scheme', 'method', 'authority'] as const) checkText(match[field], `${path}.${field}`, tell);
  for (const [name, text] of Object.entries(queryParams)) checkText(text, `${path}.queryParams.${name}`, tell);
  for (const [field, texts] of Object.entries({ headers, withoutHeaders })) {
    for (const [name, text] of Object.entries(texts)) {
      if (!HEADER_NAME.test(name)) tell(`${path}.${field}`, `'${name}' is no name of a header`);
      checkText(text, `${path}.${field}.${name}`, tell);
    }
  }
  checkCaller(match, path, tell);
}

/** Who a rule is for. */
export function checkCaller({ port, sourceLabels, gateways, sourceNamespace }: Pick<Match, 'port' | 'sourceLabels' | 'gateways' | 'sourceNamespace'>, path: string, tell: Tell): void {
  if (port !== 0) checkPort(port, `${path}.port`, tell);
  checkLabels(sourceLabels, `${path}.sourceLabels`, tell);
  checkGatewayNames(gateways, `${path}.gateways`, tell);
  if (sourceNamespace && !isLabel(sourceNamespace)) tell(`${path}.sourceNamespace`, `'${sourceNamespace}' is no namespace`);
}

function checkText(text: Text | undefined, path: string, tell: Tell): void {
  if (text?.prefix === '') tell(`${path}.prefix`, 'is empty, and so begins whatever there is: leave the match out, or write regex: .*');
  checkPattern(text, path, tell);
}

export function checkPattern(text: Text | undefined, path: string, tell: Tell): void {
  if (text?.regex === '') tell(`${path}.regex`, 'is empty, and so fits nothing but an empty text: write what it is to fit');
  if ((text?.regex?.length ?? 0) > LONGEST_PATTERN) tell(`${path}.regex`, `has more than ${LONGEST_PATTERN} characters, which Istio refuses`);
}
