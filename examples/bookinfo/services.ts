import { MeshService, type Mesh } from 'cdk8s-istio';

/** The services of the bookstore. On a cluster the images run; `mesh up` runs the command beside them. Policies can tell versions apart that have `accounts` of their own. */
export function bookinfo(mesh: Mesh, { accounts }: { readonly accounts?: 'per version' } = {}) {
  const version = (service: string, name: string) => ({
    image: `istio/examples-bookinfo-${service}-${name}:1.20.3`,
    local: ['node', `../apps/dist/${service}.js`, name],
  });

  const details = new MeshService(mesh, 'details', { port: 9080, versions: { v1: version('details', 'v1') }, calls: [] });
  const ratings = new MeshService(mesh, 'ratings', { port: 9080, versions: { v1: version('ratings', 'v1') }, calls: [] });
  const reviews = new MeshService(mesh, 'reviews', {
    port: 9080,
    accountPerVersion: accounts === 'per version',
    versions: { v1: version('reviews', 'v1'), v2: version('reviews', 'v2'), v3: version('reviews', 'v3') },
    calls: [ratings],
  });
  const productpage = new MeshService(mesh, 'productpage', {
    port: 9080, versions: { v1: version('productpage', 'v1') }, calls: [details, reviews, ratings],
  });
  return { productpage, details, reviews, ratings };
}
