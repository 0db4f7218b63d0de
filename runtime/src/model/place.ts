import type { Problem, ResourceRef } from './problem';

/** Where in an object of the user a reader is: knows the path, and collects what is wrong there. */
export class Place {
  public static of(resource: ResourceRef, problems: Problem[]): Place {
    return new Place(resource, '', problems);
  }

  private constructor(
    public readonly resource: ResourceRef,
    public readonly path: string,
    private readonly problems: Problem[],
  ) {}

  /** One step deeper: a field name or an index of a list. */
  public at(step: string | number): Place {
    const path = typeof step === 'number' ? `${this.path}[${step}]` : this.path === '' ? step : `${this.path}.${step}`;
    return new Place(this.resource, path, this.problems);
  }

  public problem(message: string, severity?: Problem['severity']): void {
    this.problems.push({ resource: this.resource, path: this.path, message, ...(severity ? { severity } : {}) });
  }
}
