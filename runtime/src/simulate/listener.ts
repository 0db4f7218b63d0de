import type { Listener } from '../envoy';
import type { Call } from './call';

const ANY = ['0.0.0.0', '::'];

/**
 * The listener that takes a connection: `virtualInbound` for what is redirected to the pod; for what is redirected on its way out the one of
 * the address that it was going to, else the one of the port, else `virtualOutbound` itself.
 */
export function findListener(listeners: readonly Listener[], { at, address, port }: Call): Listener | undefined {
  if (at === 'inbound') {
    return listeners.find(({ name }) => name === 'virtualInbound');
  }
  const bound = (ip: string) => listeners.find((listener) => {
    const socket = listener.address?.socketAddress;
    return socket?.address === ip && socket.portValue === port && socket.protocol !== 1;
  });
  const found = [address, ...ANY].map(bound).find((one) => one !== undefined);
  return found ?? (at === 'outbound' ? listeners.find(({ name }) => name === 'virtualOutbound') : undefined);
}
