import { Acceptance } from '../../src/control/acceptance';
import type { Snapshot } from '../../src/model/snapshot';
import { Cluster, parseText } from '../../src/source';

/** What is told of objects as a user writes them; all of it are warnings. */
export class World {
  private readonly cluster = new Cluster();
  private readonly acceptance = new Acceptance();

  public say(yaml: string): string[] {
    const { objects, problems } = parseText(yaml, { file: 'in.yaml', folder: '.' });
    expect(problems).toEqual([]);
    this.cluster.replace(objects);
    return this.accept(this.cluster.snapshot());
  }

  public accept(snapshot: Snapshot): string[] {
    return this.acceptance.accept(snapshot).problems.map(({ resource, path, message, severity }) => {
      expect(severity).toBe('warning');
      return `${resource.kind} ${resource.name} ${path}: ${message}`;
    });
  }
}

export function problemsOf(yaml: string): string[] {
  return new World().say(yaml);
}

/** A Deployment, as flow-style YAML. */
export function deployment(name: string, labels: string, ports = ''): string {
  return `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec: { selector: { matchLabels: { ${labels} } }, template: { metadata: { labels: { ${labels} } }, spec: { containers: [{ name: app, image: app, ports: [${ports}] }] } } }
---`;
}

export function service(name: string, selector: string, ports: string): string {
  return `
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: { ${selector} }, ports: [${ports}] }
---`;
}
