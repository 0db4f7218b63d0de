export { readInCluster, type ApiAccess } from './access';
export { ApiError, KubernetesApi } from './client';
export { followObjects } from './follow';
export { KeptSecret } from './kept-secret';
export { readKubeconfig } from './kubeconfig';
export { pathIn, textsOf, type ApiObject } from './object';
export { reviewToken } from './token-review';
