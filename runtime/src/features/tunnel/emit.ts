import type { Emitter } from '../emitter';
import { tunnel } from './model';

export const tunnelEmitter: Emitter = {
  connection(settings) {
    const value = settings.get(tunnel);
    return value ? { tunnelingConfig: { hostname: value.target, ...(value.method === 'POST' && { usePost: true }) } } : {};
  },
};
