/**
 * kubectl sends the few built-in kinds that it builds itself (`kubectl create namespace`, `create token`, `auth can-i`) as Kubernetes'
 * protobuf and nothing else. This reads those kinds; the numbers are those of Kubernetes' published .proto files.
 */
import { badRequest, unsupportedMediaType } from '../core/api-error.ts';
import { isObject, type Json, type JsonObject, show } from '../core/json.ts';

export const protobufType = 'application/vnd.kubernetes.protobuf';

type Shape = 'text' | 'number' | 'flag' | 'texts' | 'text-map' | 'bytes-map' | Message;
interface Message {
  readonly [field: number]: readonly [name: string, shape: Shape];
}

const metadata: Message = {
  1: ['name', 'text'],
  2: ['generateName', 'text'],
  3: ['namespace', 'text'],
  11: ['labels', 'text-map'],
  12: ['annotations', 'text-map'],
};
const named: Message = { 1: ['metadata', metadata] };
const attributes: Message = {
  1: ['namespace', 'text'],
  2: ['verb', 'text'],
  3: ['group', 'text'],
  4: ['version', 'text'],
  5: ['resource', 'text'],
  6: ['subresource', 'text'],
  7: ['name', 'text'],
};
const review: Message = {
  1: ['resourceAttributes', attributes],
  2: ['nonResourceAttributes', { 1: ['path', 'text'], 2: ['verb', 'text'] }],
};

const messages: Readonly<Record<string, Message>> = {
  'v1 Namespace': named,
  'v1 ServiceAccount': named,
  'v1 ConfigMap': { ...named, 2: ['data', 'text-map'], 3: ['binaryData', 'bytes-map'], 4: ['immutable', 'flag'] },
  'v1 Secret': { ...named, 2: ['data', 'bytes-map'], 3: ['type', 'text'], 4: ['stringData', 'text-map'] },
  'authorization.k8s.io/v1 SelfSubjectAccessReview': { ...named, 2: ['spec', review] },
  'authentication.k8s.io/v1 SelfSubjectReview': named,
  'authentication.k8s.io/v1 TokenRequest': { ...named, 2: ['spec', { 1: ['audiences', 'texts'], 4: ['expirationSeconds', 'number'] }] },
};

const magic = Buffer.from('k8s\0');
const envelope: Message = { 1: ['type', { 1: ['apiVersion', 'text'], 2: ['kind', 'text'] }] };
const rawField = 2;

export function readProtobuf(bytes: Buffer): JsonObject {
  if (!bytes.subarray(0, magic.length).equals(magic)) throw badRequest('the request body is not an object in Kubernetes protobuf');
  const outer = bytes.subarray(magic.length);
  const { type } = decode(outer, envelope);
  const { apiVersion, kind } = isObject(type) ? type : {};
  const message = messages[`${show(apiVersion)} ${show(kind)}`];
  if (message === undefined) throw unsupportedMediaType(protobufType, ['application/json', 'application/yaml']);
  const raw = [...fields(outer)].find((field) => field.number === rawField)?.bytes ?? Buffer.alloc(0);
  return { ...decode(raw, message), apiVersion: show(apiVersion), kind: show(kind) };
}

function decode(bytes: Buffer, message: Message): JsonObject {
  const result: JsonObject = {};
  for (const field of fields(bytes)) {
    const [name, shape] = message[field.number] ?? [];
    if (name !== undefined && shape !== undefined) result[name] = valueOf(field, shape, result[name]);
  }
  return result;
}

function valueOf(field: Field, shape: Shape, before: Json | undefined): Json {
  switch (shape) {
    case 'text':
      return field.bytes.toString('utf8');
    case 'number':
      return field.number64;
    case 'flag':
      return field.number64 !== 0;
    case 'texts':
      return [...(Array.isArray(before) ? before : []), field.bytes.toString('utf8')];
    case 'text-map':
    case 'bytes-map': {
      const parts = [...fields(field.bytes)];
      const part = (number: number): Buffer => parts.find((each) => each.number === number)?.bytes ?? Buffer.alloc(0);
      const value = part(2).toString(shape === 'text-map' ? 'utf8' : 'base64');
      return { ...(isObject(before) ? before : {}), [part(1).toString('utf8')]: value };
    }
    default:
      return decode(field.bytes, shape);
  }
}

interface Field {
  readonly number: number;
  /** Of a length-delimited field. */
  readonly bytes: Buffer;
  /** Of a varint field. */
  readonly number64: number;
}

const none = Buffer.alloc(0);
const fixedBytes: Readonly<Record<number, number>> = { 1: 8, 5: 4 };

function* fields(bytes: Buffer): Iterable<Field> {
  let position = 0;
  const varint = (): number => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[position];
      if (byte === undefined) break;
      position += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
    }
    throw badRequest('the request body ends within a protobuf field');
  };
  while (position < bytes.length) {
    const tag = varint();
    const [number, wire] = [tag >>> 3, tag & 7];
    if (wire === 0) yield { number, bytes: none, number64: varint() };
    else {
      const length = wire === 2 ? varint() : fixedBytes[wire];
      if (length === undefined || length < 0 || position + length > bytes.length)
        throw badRequest('the request body ends within a protobuf field');
      if (wire === 2) yield { number, bytes: bytes.subarray(position, position + length), number64: 0 };
      position += length;
    }
  }
}
