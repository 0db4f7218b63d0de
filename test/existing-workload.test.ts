import { ApiObject, Chart, JsonPatch, Testing } from 'cdk8s';
import * as plus from 'cdk8s-plus-27';
import { Mesh, MeshRuntime, MeshService } from '../src';
import { createWorld, synth, type Printed } from './world';

const deployment = (chart: Chart) => new plus.Deployment(chart, 'existing', {
  metadata: { name: 'existing' },
  replicas: 2,
  containers: [{ image: 'existing:1', portNumber: 8080, envVariables: { A: plus.EnvValue.fromValue('b') }, resources: { cpu: { request: plus.Cpu.millis(10) } } }],
});
const find = (objects: Printed[]) => objects.find(({ metadata, kind }) => metadata.name === 'existing' && kind === 'Deployment')!;

describe('a cdk8s-plus workload as a version', () => {
  test('keeps every field it has, and gets labels, identity and proxy', () => {
    // GIVEN
    const alone = new Chart(Testing.app(), 'chart', { namespace: 'shop' });
    deployment(alone);
    const { mesh, chart } = createWorld();

    // WHEN
    new MeshService(mesh, 'legacy', { port: 8080, versions: { v1: { workload: deployment(chart), local: 'node legacy.js' } } });

    // THEN
    const before = find(synth(alone));
    const { spec } = find(synth(chart));
    const { initContainers, volumes, serviceAccountName, ...pod } = spec.template.spec;
    const [{ startupProbe: { tcpSocket: _probed, ...startupProbe }, ...main }] = before.spec.template.spec.containers;
    const probedByAgent = { ...main, startupProbe: { ...startupProbe, httpGet: { path: '/app-health/main/startupz', port: 15020 } } };
    expect({ ...spec, template: pod }).toEqual({ ...before.spec, template: { ...before.spec.template.spec, containers: [probedByAgent] } });
    expect(initContainers.map(({ name }: { name: string }) => name)).toEqual(['istio-init', 'istio-proxy']);
    expect(volumes.map(({ name }: { name: string }) => name)).toEqual(['istio-envoy', 'istio-data', 'istio-podinfo', 'workload-socket', 'istiod-ca-cert', 'istio-token']);
    expect(serviceAccountName).toBe('legacy');
    expect(spec.template.metadata.labels).toMatchObject({ ...before.spec.template.metadata.labels, app: 'legacy', version: 'v1' });
    expect(spec.template.metadata.annotations['local.cdk8s-istio.dev/main']).toBe('node legacy.js');
    expect(synth(chart).find(({ kind, metadata }) => kind === 'Service' && metadata.name === 'legacy')?.spec.selector).toEqual({ app: 'legacy' });
  });

  test('keeps patches of fields that its class does not know', () => {
    // GIVEN
    const { mesh, chart } = createWorld();
    const workload = deployment(chart);
    ApiObject.of(workload).addJsonPatch(
      JsonPatch.add('/spec/template/spec/initContainers', [{ name: 'native', image: 'x', restartPolicy: 'Always' }]),
      JsonPatch.add('/spec/template/spec/setHostnameAsFqdn', true),
    );

    // WHEN
    new MeshService(mesh, 'legacy', { port: 8080, versions: { v1: { workload } } });

    // THEN
    const pod = find(synth(chart)).spec.template.spec;
    expect(pod.initContainers.map(({ name, restartPolicy }: { name: string; restartPolicy?: string }) => [name, restartPolicy]))
      .toEqual([['istio-init', undefined], ['istio-proxy', 'Always'], ['native', 'Always']]);
  });

  test('keeps raw fields that its class drops', () => {
    // GIVEN
    const { mesh, chart } = createWorld();
    const template = { metadata: { labels: { x: 'y' } }, spec: { containers: [{ name: 'a', resizePolicy: [{ restartPolicy: 'NotRequired' }] }], resources: { limits: { cpu: plus.k8s.Quantity.fromString('1') } } } };
    const workload = new plus.k8s.KubeDeployment(chart, 'existing', { metadata: { name: 'existing' }, spec: { selector: { matchLabels: { x: 'y' } }, template: template as never } });

    // WHEN
    new MeshService(mesh, 'legacy', { port: 8080, versions: { v1: { workload } } });

    // THEN
    const pod = find(synth(chart)).spec.template.spec;
    expect(pod.resources).toEqual({ limits: { cpu: '1' } });
    expect(pod.containers[0].resizePolicy).toEqual([{ restartPolicy: 'NotRequired' }]);
  });

  test('is left to Istio\'s injector with MeshRuntime.istio', () => {
    const { mesh, chart } = createWorld({ runtime: MeshRuntime.istio() });
    new MeshService(mesh, 'legacy', { port: 8080, versions: { v1: { workload: deployment(chart) } } });
    const { template } = find(synth(chart)).spec;
    expect(template.spec.initContainers).toBeUndefined();
    expect(template.metadata.labels).toMatchObject({ app: 'legacy', version: 'v1' });
  });

  test('fails when it is no workload', () => {
    const { mesh, chart } = createWorld();
    expect(() => new MeshService(mesh, 'legacy', { port: 80, versions: { v1: { workload: new plus.ConfigMap(chart, 'map') } } })).toThrow('chart/map is no workload with a pod template');
  });

  test('fails when its pods have the labels of another service', () => {
    const chart = new Chart(Testing.app(), 'chart', { namespace: 'shop' });
    const workload = new plus.Deployment(chart, 'existing', { containers: [{ image: 'x' }], podMetadata: { labels: { app: 'other' } } });
    new MeshService(new Mesh(chart, 'mesh'), 'legacy', { port: 80, versions: { v1: { workload } } });
    expect(() => synth(chart)).toThrow('the pods of chart/existing have the label app=other, but the mesh needs app=legacy');
  });
});
