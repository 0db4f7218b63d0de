/** An address behind the host of an external service, with what is known of it. Writes an entry of `endpoints`. */
export interface ServiceEndpoint {
  /** The address, a DNS name, or `unix:///path` of a socket. */
  readonly address: string;
  /**
   * The ports that it listens on, by those that clients use: `{ 80: 8080 }`. Writes `ports`.
   * @default those of the service, with their `targetPort`
   */
  readonly ports?: Readonly<Record<number, number>>;
  /**
   * Where it stands: `region`, `region/zone` or `region/zone/sub-zone`.
   * @default that of the calling proxy
   */
  readonly locality?: string;
  /**
   * Its share among the endpoints, relative to theirs.
   * @default 1
   */
  readonly weight?: number;
  /**
   * Labels, by which policies of raw DestinationRules or failover priorities can tell it from others.
   * @default none but `version`, where it is of one
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * The network that it can be reached in directly.
   * @default that of the calling proxy
   */
  readonly network?: string;
  /**
   * The ServiceAccount that it runs as, where it is part of the mesh.
   * @default none
   */
  readonly serviceAccount?: string;
}
