import { accessEmitter } from './access/emit';
import { accessReader } from './access/read';
import { accessLogEmitter } from './access-log/emit';
import { circuitBreakerEmitter } from './circuit-breaker/emit';
import { circuitBreakerReader } from './circuit-breaker/read';
import { clientTlsEmitter } from './client-tls/emit';
import { clientTlsReader } from './client-tls/read';
import { corsEmitter } from './cors/emit';
import { corsReader } from './cors/read';
import { directResponseEmitter } from './direct-response/emit';
import { directResponseReader } from './direct-response/read';
import type { Emitter } from './emitter';
import { envoyFilterFinisher } from './envoy-filter/finish';
import { externalAuthorizerEmitter } from './external-authorizer/emit';
import { externalAuthorizerLinker } from './external-authorizer/link';
import { externalAuthorizerReader } from './external-authorizer/read';
import { faultEmitter } from './fault/emit';
import { faultReader } from './fault/read';
import type { Finisher } from './finisher';
import { grpcEmitter } from './grpc/emit';
import { healthCheckEmitter } from './health-check/emit';
import { healthCheckReader } from './health-check/read';
import { headersEmitter } from './headers/emit';
import { headersReader } from './headers/read';
import { loadBalancerEmitter } from './load-balancer/emit';
import { loadBalancerReader } from './load-balancer/read';
import { jwtEmitter } from './jwt/emit';
import { jwtLinker } from './jwt/link';
import { jwtReader } from './jwt/read';
import type { Linker } from './linker';
import { localityEmitter } from './locality/emit';
import { localityReader } from './locality/read';
import { mirrorEmitter } from './mirror/emit';
import { mirrorReader } from './mirror/read';
import { mutualTlsEmitter } from './mutual-tls/emit';
import { mutualTlsReader } from './mutual-tls/read';
import { proxyProtocolEmitter } from './proxy-protocol/emit';
import { proxyProtocolReader } from './proxy-protocol/read';
import type { Reader } from './reader';
import { redirectEmitter } from './redirect/emit';
import { redirectReader } from './redirect/read';
import { retryEmitter } from './retry/emit';
import { retryReader } from './retry/read';
import { rewriteEmitter } from './rewrite/emit';
import { rewriteReader } from './rewrite/read';
import { serverTlsEmitter } from './server-tls/emit';
import { serverTlsReader } from './server-tls/read';
import { timeoutEmitter } from './timeout/emit';
import { timeoutReader } from './timeout/read';
import { tunnelEmitter } from './tunnel/emit';
import { tunnelReader } from './tunnel/read';

/** A room: one feature, from Istio's fields to Envoy's. Delete its folder and its line here, and it is gone. */
export interface Room {
  readonly word: string;
  readonly reader?: Reader;
  readonly linker?: Linker;
  readonly emitter: Emitter;
  readonly finisher?: Finisher;
}

/** All rooms. For HTTP filters the order of the list is the order in which requests pass them. */
export const ROOMS: readonly Room[] = [
  { word: 'access-log', emitter: accessLogEmitter },
  { word: 'server-tls', reader: serverTlsReader, emitter: serverTlsEmitter },

  // Whoever is asked decides before anybody looks at tokens, as in Istio: its rules cannot be about claims.
  { word: 'external-authorizer', reader: externalAuthorizerReader, linker: externalAuthorizerLinker, emitter: externalAuthorizerEmitter },
  // Tokens are verified before anybody asks whose they are.
  { word: 'jwt', reader: jwtReader, linker: jwtLinker, emitter: jwtEmitter },

  // Before all else that looks at requests: what is denied is nobody else's business. Istio asks others (CUSTOM) before it verifies tokens
  // (pilot/pkg/networking/core/listener_builder.go).
  { word: 'access', reader: accessReader, emitter: accessEmitter },

  // What browsers send must be gRPC before anybody counts it, and before faults that answer in the words of gRPC.
  { word: 'grpc', emitter: grpcEmitter },

  // Before whatever may answer in the place of a server: where it stands in Istio.
  { word: 'mutual-tls', reader: mutualTlsReader, emitter: mutualTlsEmitter },

  // Faults come before CORS, as in Istio: an injected failure also hits preflight requests.
  { word: 'fault', reader: faultReader, emitter: faultEmitter },
  { word: 'cors', reader: corsReader, emitter: corsEmitter },

  // Answers: the first that has one wins.
  { word: 'redirect', reader: redirectReader, emitter: redirectEmitter },
  { word: 'direct-response', reader: directResponseReader, emitter: directResponseEmitter },

  // `headers` may set the authority too; a rewrite, being later, wins.
  { word: 'headers', reader: headersReader, emitter: headersEmitter },
  { word: 'rewrite', reader: rewriteReader, emitter: rewriteEmitter },
  { word: 'timeout', reader: timeoutReader, emitter: timeoutEmitter },
  { word: 'retry', reader: retryReader, emitter: retryEmitter },
  { word: 'mirror', reader: mirrorReader, emitter: mirrorEmitter },

  { word: 'circuit-breaker', reader: circuitBreakerReader, emitter: circuitBreakerEmitter },
  { word: 'health-check', reader: healthCheckReader, emitter: healthCheckEmitter },
  { word: 'load-balancer', reader: loadBalancerReader, emitter: loadBalancerEmitter },
  // After the breaker: where endpoints that are not ready are sent, no share of healthy ones may switch ejection off.
  { word: 'locality', reader: localityReader, emitter: localityEmitter },
  { word: 'tunnel', reader: tunnelReader, emitter: tunnelEmitter },
  { word: 'client-tls', reader: clientTlsReader, emitter: clientTlsEmitter },
  // Around TLS: the header comes before the handshake.
  { word: 'proxy-protocol', reader: proxyProtocolReader, emitter: proxyProtocolEmitter },

  // Whoever changes what is finished comes last.
  { word: 'envoy-filter', emitter: {}, finisher: envoyFilterFinisher },
];

/** What acts on finished resources, in order. */
export const FINISHERS: readonly Finisher[] = ROOMS.flatMap((room) => room.finisher ?? []);

/** What completes policies of workloads, in order. */
export const LINKERS: readonly Linker[] = ROOMS.flatMap((room) => room.linker ?? []);
