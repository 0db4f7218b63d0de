import type { App} from 'cdk8s';
import { Chart, Testing } from 'cdk8s';
import { Mesh, MeshService, type MeshProps } from '../src';

/** A printed object. */
export interface Printed {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Record<string, string>; readonly annotations?: Record<string, string> };
  // Tests look into specs of every kind.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly spec: any;
}

/** An app with one chart in namespace `shop`, a mesh in it, and what tests ask of them. */
export function createWorld(props: MeshProps = {}) {
  const app: App = Testing.app();
  const chart = new Chart(app, 'chart', { namespace: 'shop' });
  const mesh = new Mesh(chart, 'mesh', props);
  return {
    app,
    chart,
    mesh,
    /** A service on port 80 with two versions. */
    service: (name: string) => new MeshService(mesh, name, { port: 80, versions: { v1: { image: `${name}:1` }, v2: { image: `${name}:2` } } }),
    /** Everything printed of a kind. */
    all: (kind: string): Printed[] => synth(chart).filter((object) => object.kind === kind),
    /** The one object of a kind and name. */
    one: (kind: string, name: string): Printed => single(synth(chart).filter((object) => object.kind === kind && object.metadata.name === name)),
    /** The spec of the one object of a kind and name. */
    spec: (kind: string, name: string): Printed['spec'] => single(synth(chart).filter((object) => object.kind === kind && object.metadata.name === name)).spec,
  };
}

export function synth(chart: Chart): Printed[] {
  return Testing.synth(chart) as Printed[];
}

function single(found: readonly Printed[]): Printed {
  expect(found).toHaveLength(1);
  return found[0];
}

/** The host of a service of the test's namespace. */
export const hostOf = (name: string): string => `${name}.shop.svc.cluster.local`;
