import { Chart } from 'cdk8s';
import { CanaryRoute, Mesh, MeshRuntime, MeshService } from 'cdk8s-istio';
import type { Construct } from 'constructs';

export class Shop extends Chart {
  constructor(scope: Construct, id: string) {
    super(scope, id, { namespace: 'shop' });
    const mesh = new Mesh(this, 'mesh', { runtime: MeshRuntime.istio() });
    const cart = new MeshService(mesh, 'cart', { port: 8080, versions: { v1: { image: 'example/cart:1' }, v2: { image: 'example/cart:2' } } });
    new CanaryRoute(mesh, 'cart-canary', { service: cart, stable: 'v1', canary: 'v2', weight: 10 });
  }
}
