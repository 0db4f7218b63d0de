/** The object of the user that something is about. */
export interface ResourceRef {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** A field of an object of the user. */
export interface Origin {
  readonly resource: ResourceRef;
  readonly path: string;
}

/**
 * Something wrong with an object that the user wrote. The runtime never throws on user configuration: it leaves the bad piece out,
 * keeps the last good configuration and returns one of these.
 */
export interface Problem {
  readonly resource: ResourceRef;
  /** Path of the field inside the object, such as `spec.http[0].route[1].destination.subset`; empty for the whole object. */
  readonly path: string;
  /** What is wrong, what was found, what was expected, how to mend it. Lower case, no full stop at the end. */
  readonly message: string;
  /** `error` (the piece was left out) unless said otherwise. */
  readonly severity?: 'error' | 'warning';
}
