import { key } from '../../model/attachment';

/** Milliseconds until the whole request, retries included, must be answered. */
export const timeout = key<number>('timeout');
