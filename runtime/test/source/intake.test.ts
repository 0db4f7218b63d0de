import { join } from 'node:path';

import { readFiles } from '../../src/source';
import { messages, resource, service, world } from './objects';

describe('kinds that nobody reads', () => {
  test('are told where somebody may miss them, once each', () => {
    const cluster = world(
      resource('batch/v1', 'CronJob', 'nightly'), resource('batch/v1', 'CronJob', 'weekly'), resource('argoproj.io/v1alpha1', 'Rollout', 'web'),
      resource('serving.knative.dev/v1', 'Service', 'web'), service('web'),
    );
    expect(cluster.ignored()).toEqual(['argoproj.io/v1alpha1 Rollout', 'batch/v1 CronJob', 'serving.knative.dev/v1 Service']);
    expect([...cluster.snapshot().kinds.keys()]).toEqual(['/Service']);
  });

  test.each([
    ['rbac.authorization.k8s.io/v1', 'ClusterRole'], ['rbac.authorization.k8s.io/v1', 'RoleBinding'], ['policy/v1', 'PodDisruptionBudget'],
    ['autoscaling/v2', 'HorizontalPodAutoscaler'], ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'], ['scheduling.k8s.io/v1', 'PriorityClass'],
    ['admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration'], ['admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration'],
    ['v1', 'PersistentVolumeClaim'], ['v1', 'ResourceQuota'],
  ])('are passed over where they decide nothing about traffic: %s %s', (apiVersion, kind) => {
    const cluster = world(resource(apiVersion, kind, 'some'));
    expect(cluster.ignored()).toEqual([]);
    expect(cluster.problems()).toEqual([]);
    expect(cluster.snapshot().kinds.size).toBe(0);
  });

  test('are never kinds of Istio or of the Gateway API: those that are not known are problems', () => {
    const cluster = world(resource('networking.istio.io/v1', 'Autoscaling', 'a'), resource('gateway.networking.k8s.io/v1', 'PolicyRoute', 'b'));
    expect(cluster.ignored()).toEqual([]);
    expect(messages(cluster)).toHaveLength(2);
  });

  test('are told of no synth of our own, control plane and all', async () => {
    const { objects, problems } = await readFiles([join(__dirname, '../../../test/goldens/bookinfo')]);
    expect(problems).toEqual([]);
    expect(objects.map(({ resource: { kind } }) => kind)).toContain('ClusterRole');
    expect(world(...objects.map((object) => object.resource)).ignored()).toEqual([]);
  });
});
