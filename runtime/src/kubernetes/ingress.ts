import type { Resource } from '../model/resource';

/** https://kubernetes.io/docs/reference/kubernetes-api/networking/ingress-v1/ */
export interface IngressBackend {
  readonly service?: { readonly name: string; readonly port?: { readonly number?: number; readonly name?: string } };
  readonly resource?: { readonly apiGroup?: string; readonly kind: string; readonly name: string };
}

export interface IngressPath {
  readonly path?: string;
  readonly pathType: string;
  readonly backend: IngressBackend;
}

export interface IngressRule {
  readonly host?: string;
  readonly http?: { readonly paths: readonly IngressPath[] };
}

export interface IngressTls {
  readonly hosts?: readonly string[];
  readonly secretName?: string;
}

export interface IngressSpec {
  readonly ingressClassName?: string;
  readonly defaultBackend?: IngressBackend;
  readonly tls?: readonly IngressTls[];
  readonly rules?: readonly IngressRule[];
}

export type Ingress = Resource<IngressSpec>;

export interface IngressClassSpec {
  readonly controller?: string;
  readonly parameters?: unknown;
}

export type IngressClass = Resource<IngressClassSpec>;
