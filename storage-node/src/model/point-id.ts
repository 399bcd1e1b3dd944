/**
 * Point ids: unsigned 64-bit integers or UUIDs, as in the public API.
 *
 * A number is a bigint and a UUID its hyphenated lower-case text, so `typeof` tells them apart and both are Map keys.
 * Order: all numbers ascending, then UUIDs; the byte key sorts the same way.
 */
export type PointId = bigint | string;

const maxNumber = 2n ** 64n - 1n;
const hex32 = /^[0-9a-f]{32}$/;

/** Reads any textual form of an id (decimal number; UUID simple, hyphenated, urn or braced); undefined when it is neither. */
export function parsePointId(text: string): PointId | undefined {
  if (/^[0-9]{1,20}$/.test(text)) {
    const number = BigInt(text);
    return number <= maxNumber ? number : undefined;
  }
  const digits = text
    .toLowerCase()
    .replace(/^urn:uuid:/, '')
    .replace(/^\{(.*)\}$/, '$1')
    .replaceAll('-', '');
  const hyphens = /^(urn:uuid:)?\{?([0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?$/i;
  return hex32.test(digits) && hyphens.test(text) ? uuidFromHex(digits) : undefined;
}

/** Sort key: one tag byte (0 number, 1 UUID), then 8 bytes big-endian or 16 bytes. */
export function pointIdKey(id: PointId): Buffer {
  if (typeof id === 'bigint') {
    const key = Buffer.alloc(9);
    key.writeBigUInt64BE(id, 1);
    return key;
  }
  return Buffer.concat([Buffer.of(1), Buffer.from(id.replaceAll('-', ''), 'hex')]);
}

/** Bytes of the key that begins with `tag`. */
export function pointIdKeyLength(tag: number | undefined): number {
  return tag === 0 ? 9 : 17;
}

export function pointIdFromKey(key: Buffer): PointId {
  return key[0] === 0 ? key.readBigUInt64BE(1) : uuidFromHex(key.toString('hex', 1, 17));
}

export function comparePointIds(a: PointId, b: PointId): number {
  if (typeof a !== typeof b) return typeof a === 'bigint' ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function uuidFromHex(digits: string): string {
  return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20, 32)].join('-');
}
