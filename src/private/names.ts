import type { Construct, IConstruct } from 'constructs';
import { MeshError } from '../mesh-error';

const LABEL = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
const HOST_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** Of https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE-ID.md, section 2.1. */
const TRUST_DOMAIN = /^[a-z0-9._-]{1,255}$/;
const ADDRESS = /^\d+\.\d+\.\d+\.\d+$/;

/** Names become Service names, and so DNS labels and identities: they are never changed, only refused. */
export function checkLabel(name: string, what: string, construct: IConstruct): string {
  if (!LABEL.test(name)) {
    throw new MeshError({
      construct,
      code: 'invalid-name',
      problem: `${what} "${name}" is no DNS label`,
      fix: 'use at most 63 lower-case letters, digits and hyphens, beginning with a letter and not ending with a hyphen',
    });
  }
  return name;
}

/** The name of what a control plane deploys for a Gateway of the Gateway API: `NAME-CLASS`. It is a Service's, and nobody shortens it. */
export function checkDeployedName(name: string, construct: IConstruct): string {
  if (name.length > 63) {
    throw new MeshError({
      construct,
      code: 'invalid-name',
      problem: `"${name}", the name of the Service that is deployed for the gateway, has ${name.length} characters`,
      fix: 'use at most 63 for the gateway, a hyphen and its class together',
    });
  }
  return name;
}

/** Refuses an id that is taken, before `constructs` does in words that say neither where nor what to do. */
export function unusedId(scope: Construct, id: string): string {
  const other = scope.node.tryFindChild(id);
  if (other !== undefined) {
    throw new MeshError({
      construct: other,
      code: 'duplicate-name',
      problem: `"${id}" is given to two constructs in ${scope.node.path || 'the App'}`,
      fix: 'use the one that is there, or another id',
    });
  }
  return id;
}

/** A namespace, which may begin with a digit. */
export function checkNamespace(namespace: string, construct: IConstruct): string {
  if (!HOST_LABEL.test(namespace)) {
    throw new MeshError({
      construct,
      code: 'invalid-name',
      problem: `namespace "${namespace}" is no DNS label`,
      fix: 'use at most 63 lower-case letters, digits and hyphens, not beginning or ending with a hyphen',
    });
  }
  return namespace;
}

/** The name of a ServiceAccount, which is part of identities. */
export function checkAccount(name: string, construct: IConstruct): string {
  if (name.length > 253 || !/^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/.test(name)) {
    throw new MeshError({
      construct, code: 'invalid-name', problem: `"${name}" is no name of a ServiceAccount`, fix: 'use lower-case letters, digits, hyphens and dots, without the namespace',
    });
  }
  return name;
}

/** The name of an object that is nobody's host name, such as that of an external service: hosts may be long, and begin with a digit. */
export function checkObjectName(name: string, construct: IConstruct): string {
  if (name.length > 200 || !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name)) {
    throw new MeshError({
      construct, code: 'invalid-name', problem: `"${name}" is no name of an object`, fix: 'use at most 200 lower-case letters, digits and hyphens, not beginning or ending with a hyphen',
    });
  }
  return name;
}

/** Versions become subset names and parts of Deployment names. */
export function checkVersion(version: string, service: string, construct: IConstruct): string {
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(version)) {
    throw new MeshError({
      construct,
      code: 'invalid-name',
      problem: `version "${version}" cannot be part of a name`,
      fix: 'use lower-case letters, digits and hyphens: "v1", "v1-2"',
    });
  }
  const deployment = `${service}-${version}`;
  if (deployment.length > 63) {
    throw new MeshError({
      construct,
      code: 'invalid-name',
      problem: `"${deployment}", the name of its Deployment, has ${deployment.length} characters`,
      fix: 'use at most 63 for the service, a hyphen and the version together',
    });
  }
  return version;
}

/** The first part of SPIFFE identities. */
export function checkTrustDomain(name: string, construct: IConstruct): string {
  if (!TRUST_DOMAIN.test(name)) {
    throw new MeshError({
      construct, code: 'invalid-name', problem: `"${name}" is no trust domain`, fix: 'use lower-case letters, digits, dots, hyphens and underscores, as in "prod.example.com"',
    });
  }
  return name;
}

/** A host of the outside or of a gateway: a DNS name, perhaps with `*.` in front. */
export function checkHost(host: string, construct: IConstruct): string {
  const name = String(host).startsWith('*.') ? host.slice(2) : String(host);
  if (name !== name.toLowerCase()) {
    throw new MeshError({ construct, code: 'invalid-name', problem: `host "${host}" has capitals`, fix: `DNS does not tell them apart: write "${host.toLowerCase()}"` });
  }
  if (host !== '*' && (host === undefined || ADDRESS.test(host) || !name.split('.').every((label) => HOST_LABEL.test(label)))) {
    throw new MeshError({
      construct,
      code: 'invalid-name',
      problem: `"${host}" is no host name`,
      fix: 'give a DNS name without scheme, port and path, as in "api.example.com" or "*.example.com"',
    });
  }
  return host;
}

/** The full name of a service. Short names depend on who reads them, so they are never written. */
export function serviceHost(name: string, namespace: string): string {
  return `${name}.${namespace}.svc.cluster.local`;
}

/** A host as part of an object's name: `api-example-com`, `wildcard-example-org`. */
export function hostAsName(host: string): string {
  return host.toLowerCase().replace(/^\*/, 'wildcard').replace(/\./g, '-');
}

/** Whether a host is a wildcard. */
export function isWildcard(host: string): boolean {
  return host.startsWith('*');
}
