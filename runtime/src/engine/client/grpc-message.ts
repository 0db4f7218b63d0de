import { Reader, Writer } from 'protobufjs/light';

const TEXT_FIELD = 1;
const LENGTH_DELIMITED = 2;

/** A message with a text as field 1 (such as `HelloRequest.name` or `EchoRequest.message`): enough to be recognized when it comes back. */
export function encodeText(text: string): Buffer {
  return Buffer.from(Writer.create().uint32((TEXT_FIELD << 3) | LENGTH_DELIMITED).string(text).finish());
}

/** The text of field 1; what is no such message is shown as it is. */
export function decodeText(message: Uint8Array): string {
  try {
    const reader = Reader.create(message);
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      if (tag === ((TEXT_FIELD << 3) | LENGTH_DELIMITED)) {
        return reader.string();
      }
      reader.skipType(tag & 7);
    }
    return '';
  } catch {
    return Buffer.from(message).toString('latin1');
  }
}
