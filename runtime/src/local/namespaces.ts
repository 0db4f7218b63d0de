/**
 * How a machine of our own is made: `root` keeps the user (files of other users stay readable), `user` makes a user namespace in which an
 * ordinary user is root over the namespaces it made.
 */
export type NamespaceKind = 'root' | 'user';

/** The kinds to try, the better one first. */
export function namespaceKinds(uid: number): readonly NamespaceKind[] {
  return uid === 0 ? ['root', 'user'] : ['user'];
}

/** `unshare` with what makes a machine of its own. When unshare dies, the whole PID namespace dies (`--kill-child`). */
export function unshareCommand(kind: NamespaceKind): readonly string[] {
  const user = kind === 'user' ? ['--user', '--map-root-user'] : [];
  return ['unshare', ...user, '--mount', '--pid', '--net', '--uts', '--ipc', '--fork', '--kill-child', '--mount-proc', '--'];
}
