import type { GatewaySpecServersTls } from '../../../../../imports/istio/gateway.types';
import type { GatewaySpec, GatewaySpecListeners } from '../../../gateway-api';
import { OWN_CERTIFICATE } from '../../../features/server-tls/model';
import type { Place } from '../../../model/place';
import type { ResourceRef } from '../../../model/problem';
import type { Resource } from '../../../model/resource';
import { authorityName, certificateName } from './certificates';
import type { Fault } from './references';
import type { World } from './world';

/** Istio's own way to ask for client certificates, from before the Gateway API had one. */
const MODE_OPTION = 'gateway.istio.io/tls-terminate-mode';
const CIPHERS_OPTION = 'gateway.istio.io/tls-cipher-suites';
const MODES: Readonly<Record<string, GatewaySpecServersTls['mode']>> = { MUTUAL: 'MUTUAL', OPTIONAL_MUTUAL: 'OPTIONAL_MUTUAL' };
const OWN_MODES: Readonly<Record<string, GatewaySpecServersTls>> = {
  ISTIO_MUTUAL: { mode: 'ISTIO_MUTUAL' },
  ISTIO_SIMPLE: { mode: 'SIMPLE', credentialName: OWN_CERTIFICATE },
};
/** Envoy serves one of RSA and one of elliptic curves. */
const MAX_CERTIFICATES = 2;

export interface ListenerTls {
  readonly tls?: GatewaySpecServersTls;
  readonly fault?: Fault;
}

/** The TLS settings of a listener, as an Istio Gateway has them. */
export function readListenerTls(
  spec: GatewaySpecListeners, owner: ResourceRef, { gateway, world, place }: { readonly gateway: Resource; readonly world: World; readonly place: Place },
): ListenerTls {
  if (!spec.tls) {
    return {};
  }
  if (spec.tls.mode === 'Passthrough') {
    return { tls: { mode: 'PASSTHROUGH' } };
  }
  reportOptions(spec.tls.options, place.at('tls').at('options'));
  const cipherSuites = spec.tls.options?.[CIPHERS_OPTION]?.split(',').map((name) => name.trim()).filter((name) => name !== '');
  const own = OWN_MODES[spec.tls.options?.[MODE_OPTION] ?? ''];
  if (own) {
    return { tls: { ...own, cipherSuites } };
  }
  const refs = spec.tls.certificateRefs ?? [];
  if (refs.length > MAX_CERTIFICATES) {
    return { fault: { reason: 'InvalidCertificateRef', message: 'TLS mode can only support up to 2 server certificates', path: 'tls.certificateRefs' } };
  }
  const found = refs.map((ref, i) => withPath(certificateName(ref, owner, world), `tls.certificateRefs[${i}]`));
  const names = found.filter((one) => typeof one === 'string');
  if (names.length === 0) {
    return { fault: found.find((one) => typeof one === 'object') };
  }
  const server: GatewaySpecServersTls = { mode: 'SIMPLE', cipherSuites, ...(names.length > 1 ? { credentialNames: names } : { credentialName: names[0] }) };
  return withClients(server, spec, { gateway, world });
}

function withPath(found: string | Fault, path: string): string | Fault {
  return typeof found === 'string' ? found : { ...found, path };
}

/**
 * Whether clients must have a certificate: `spec.tls.frontend` of the Gateway says who vouches for them, and so whether they must, unless
 * Istio's option of the listener does. `AllowInsecureFallback` takes certificates of whomever (istio/istio buildTLS, conversion.go).
 */
function withClients(
  server: GatewaySpecServersTls, spec: GatewaySpecListeners, { gateway, world }: { readonly gateway: Resource; readonly world: World },
): ListenerTls {
  const { frontend } = (gateway.spec as GatewaySpec).tls ?? {};
  const perPort = frontend?.perPort?.find((one) => one.port === spec.port);
  const validation = perPort ? perPort.tls.validation : frontend?.default.validation;
  const mode = MODES[spec.tls?.options?.[MODE_OPTION] ?? ''];
  if (!validation) {
    return { tls: mode ? { ...server, mode } : server };
  }
  const { namespace, name } = gateway.metadata;
  const authority = authorityName(validation.caCertificateRefs, { kind: 'Gateway', namespace, name }, world);
  if (typeof authority !== 'string') {
    return { fault: { ...authority, path: 'tls' } };
  }
  const insecure = validation.mode === 'AllowInsecureFallback' && !mode;
  return { tls: { ...server, mode: mode ?? (insecure ? 'OPTIONAL_MUTUAL' : 'MUTUAL'), caCertCredentialName: authority, ...(insecure && { insecureSkipVerify: true }) } };
}

function reportOptions(options: Readonly<Record<string, string>> | undefined, place: Place): void {
  for (const [name, value] of Object.entries(options ?? {})) {
    if (name === CIPHERS_OPTION) {
      continue;
    }
    if (name !== MODE_OPTION) {
      place.at(name).problem(`is not handled: Istio's options are ${MODE_OPTION} and ${CIPHERS_OPTION}`, 'warning');
    } else if (!Object.hasOwn(MODES, value) && !Object.hasOwn(OWN_MODES, value) && value !== 'SIMPLE') {
      place.at(name).problem(`'${value}' is not handled: use MUTUAL or OPTIONAL_MUTUAL (with ca.crt in the Secret or in one of the same name with -cacert), or ISTIO_MUTUAL or ISTIO_SIMPLE`);
    }
  }
}
