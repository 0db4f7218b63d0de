/** A document of MongoDB, with the types that its commands and the bookstore need. */
export type Value = number | bigint | string | boolean | null | Date | Buffer | readonly Value[] | Document;
export interface Document { readonly [name: string]: Value }

/** https://bsonspec.org/spec.html */
export function encode(document: Document | readonly Value[]): Buffer {
  const elements = Object.entries(document as Document).map(([name, value]) => element(name, value));
  const body = Buffer.concat([...elements, Buffer.of(0)]);
  return Buffer.concat([int32(body.length + 4), body]);
}

function element(name: string, value: Value): Buffer {
  const [type, bytes] = typed(value);
  return Buffer.concat([Buffer.of(type), Buffer.from(`${name}\0`), bytes]);
}

function typed(value: Value): [type: number, bytes: Buffer] {
  if (typeof value === 'string') return [0x02, Buffer.concat([int32(Buffer.byteLength(value) + 1), Buffer.from(`${value}\0`)])];
  if (typeof value === 'boolean') return [0x08, Buffer.of(value ? 1 : 0)];
  if (typeof value === 'bigint') return [0x12, int64(value)];
  if (value === null) return [0x0a, Buffer.alloc(0)];
  if (value instanceof Date) return [0x09, int64(BigInt(value.getTime()))];
  if (Buffer.isBuffer(value)) return [0x05, Buffer.concat([int32(value.length), Buffer.of(0), value])];
  if (typeof value === 'object') return [Array.isArray(value) ? 0x04 : 0x03, encode(value as Document)];
  const double = Buffer.alloc(8);
  double.writeDoubleLE(value);
  return Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? [0x10, int32(value)] : [0x01, double];
}

export function decode(bytes: Buffer): Document {
  const found: [string, Value][] = [];
  for (let at = 4; bytes[at] !== 0;) {
    const type = bytes[at] as number;
    const end = bytes.indexOf(0, at + 1);
    const { value, length } = read(type, bytes.subarray(end + 1));
    found.push([bytes.toString('utf8', at + 1, end), value]);
    at = end + 1 + length;
  }
  return Object.fromEntries(found);
}

function read(type: number, bytes: Buffer): { value: Value; length: number } {
  switch (type) {
    case 0x01: return { value: bytes.readDoubleLE(0), length: 8 };
    case 0x02: return { value: bytes.toString('utf8', 4, 3 + bytes.readInt32LE(0)), length: 4 + bytes.readInt32LE(0) };
    case 0x03: return { value: decode(bytes), length: bytes.readInt32LE(0) };
    case 0x04: return { value: Object.values(decode(bytes)), length: bytes.readInt32LE(0) };
    case 0x05: return { value: bytes.subarray(5, 5 + bytes.readInt32LE(0)), length: 5 + bytes.readInt32LE(0) };
    case 0x07: return { value: bytes.subarray(0, 12), length: 12 };
    case 0x08: return { value: bytes[0] === 1, length: 1 };
    case 0x09: return { value: new Date(Number(bytes.readBigInt64LE(0))), length: 8 };
    case 0x0a: return { value: null, length: 0 };
    case 0x10: return { value: bytes.readInt32LE(0), length: 4 };
    case 0x11:
    case 0x12: return { value: bytes.readBigInt64LE(0), length: 8 };
    default: throw new Error(`BSON type ${type} is not known here`);
  }
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(value);
  return bytes;
}
