import type { Attachment } from '../../model/attachment';
import { Attachments } from '../../model/attachment';
import type { Place } from '../../model/place';
import type { Reader } from '../../features/reader';
import { ROOMS } from '../../features';

/** What all rooms that have such a method read. */
export function readWithRooms(read: (reader: Reader) => readonly Attachment[] | undefined): Attachments {
  return Attachments.of(ROOMS.flatMap((room) => (room.reader && read(room.reader)) ?? []));
}

/** What rooms read of a service's annotations. */
export function readFeatures(annotations: Readonly<Record<string, string>> | undefined, place: Place): Attachments {
  return annotations ? readWithRooms((room) => room.service?.(annotations, place)) : Attachments.NONE;
}
