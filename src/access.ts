/** Who may call the services of a mesh before any AccessPolicy says more. */
export enum Access {
  /** Whoever reaches them, as in Istio. */
  OPEN = 'OPEN',
  /**
   * Nobody but those who declare it: services by their `calls`, gateways by the routes to a service. Writes an AuthorizationPolicy that allows
   * nothing and a NetworkPolicy that lets nothing in for each namespace of the mesh, and both for each service and gateway with its callers.
   */
  DECLARED = 'DECLARED',
}
