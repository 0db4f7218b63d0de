import { placeInFolder, TokenFolder, type Authenticator, type AuthorityPlace, type CaFiles } from '../ca';
import { ClusterAuthority } from '../control/cluster-authority';
import { KubernetesApi, readInCluster, readKubeconfig, type ApiAccess } from '../kubernetes/api';
import { ROOT_NAMESPACE } from '../model/mesh';
import { Failure } from './failure';

export interface HomeOptions {
  readonly ca?: string;
  readonly kubeconfig?: string;
}

/** Where the authority lives, and whom it asks who comes. */
export interface Home {
  readonly place: AuthorityPlace;
  readonly namespace: string;
  readonly authenticators: readonly Authenticator[];
  readonly followSecret?: (onChange: (files: CaFiles | undefined) => void) => () => void;
  /** Tokens for machines. */
  readonly tokens?: TokenFolder;
  readonly close: () => void;
}

type Log = (level: 'info' | 'warn', event: object, message: string) => void;

/** A folder where one is given, or else the cluster: that of the kubeconfig, or that in which this runs. */
export function chooseHome({ ca, kubeconfig }: HomeOptions, log: Log): Home {
  if (ca !== undefined && kubeconfig !== undefined) throw new Failure('--ca keeps the authority in a folder, --kubeconfig in a cluster: give one of them');
  if (ca !== undefined) {
    return { place: placeInFolder(ca, log), namespace: ROOT_NAMESPACE, authenticators: [], tokens: new TokenFolder(ca), close: () => undefined };
  }
  const access = readAccess(kubeconfig);
  if (!access) {
    throw new Failure('a secured port needs an authority, and that a place for its key and roots: give --ca FOLDER, or --kubeconfig FILE for Secrets of a cluster; in a pod, neither is needed');
  }
  return homeInCluster(access, log);
}

function homeInCluster(access: ApiAccess, log: Log): Home {
  const namespace = process.env.POD_NAMESPACE || access.namespace || ROOT_NAMESPACE;
  const api = new KubernetesApi(access);
  const cluster = new ClusterAuthority({ api, namespace, clusterId: process.env.CLUSTER_ID || 'Kubernetes', log });
  log('info', { server: api.address, namespace }, 'the authority is kept in Kubernetes');
  return {
    place: cluster.place, namespace, authenticators: cluster.authenticators, followSecret: (onChange) => cluster.followSecret(onChange), close: () => cluster.close(),
  };
}

function readAccess(kubeconfig: string | undefined): ApiAccess | undefined {
  try {
    return kubeconfig === undefined ? readInCluster(process.env) : readKubeconfig(kubeconfig);
  } catch (error) {
    throw new Failure(`the Kubernetes API cannot be used: ${(error as Error).message}`);
  }
}
