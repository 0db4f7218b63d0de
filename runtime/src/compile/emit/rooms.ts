import { ROOMS } from '../../features';
import type { Emitter } from '../../features/emitter';

type With<M extends keyof Emitter> = Emitter & Required<Pick<Emitter, M>>;

/** The rooms that have a method, in their order. Looked up once: routes are made by the thousand, and most rooms have nothing to say to them. */
export function emittersWith<M extends keyof Emitter>(method: M): readonly With<M>[] {
  return ROOMS.map((room) => room.emitter).filter((emitter): emitter is With<M> => emitter[method] !== undefined);
}
