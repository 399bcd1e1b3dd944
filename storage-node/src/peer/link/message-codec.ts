/**
 * A LinkMessage as bytes; all numbers little-endian, text is u16 bytes and UTF-8:
 *
 *   u8 kind, text shard, u64 epoch, text from, text to, then by kind
 *   append: position previous, u64 inherited, u64 committed, u32 count, per entry: u64 epoch, text requestId, u32 operation bytes;
 *           then all operations.   position: u64 sequence, u64 epoch
 *   snapshot: position.   ask, confirmed: u64 question.   fresh: u64 question, u64 committed, u32 count, per copy in force: text
 *   appended: u64 upTo, u64 applied.   mismatch: u64 firstPossible.   refused, hello, damaged, leaving: nothing
 *
 * Made by hand because of the operations: encoding refers to them, so the frame is the first place they are copied to, and decoding
 * gives views of what arrived. Entries follow `previous` without gaps, so their sequences are not sent.
 */
import assert from 'node:assert/strict';
import type { Position } from '../../replication/log-shape.ts';
import type { Body, Envelope, Message } from '../../replication/messages.ts';
import { FieldReader } from './field-reader.ts';
import { FieldWriter } from './field-writer.ts';
import { LinkError } from './link-error.ts';
import type { EntryBody, LinkMessage } from './link-message.ts';

export interface EncodedMessage {
  readonly byteLength: number;
  /** One after the other they are the message. */
  readonly pieces: readonly Uint8Array[];
}

const kindNumbers = {
  append: 1,
  snapshot: 2,
  ask: 3,
  fresh: 4,
  appended: 5,
  mismatch: 6,
  confirmed: 7,
  refused: 9,
  hello: 10,
  damaged: 11,
  leaving: 12,
} as const satisfies Record<Body['kind'], number>;

/** Epoch, empty request id and empty operation. */
const minEntryBytes = 8 + 2 + 4;
const minTextBytes = 2;

export function encodeMessage({ message, bodies }: LinkMessage): EncodedMessage {
  const writer = new FieldWriter();
  writer.u8(kindNumbers[message.kind]);
  writer.text(message.shard);
  writer.u64(message.epoch);
  writer.text(message.from);
  writer.text(message.to);
  assert.equal(bodies.length, message.kind === 'append' ? message.entries.length : 0, 'one body for each entry');
  writeBody(writer, message, bodies);
  const head = writer.finish();
  const operations = bodies.map(({ operation }) => operation);
  const byteLength = operations.reduce((sum, { byteLength }) => sum + byteLength, head.byteLength);
  return { byteLength, pieces: [head, ...operations] };
}

function writeBody(writer: FieldWriter, body: Body, bodies: readonly EntryBody[]): void {
  switch (body.kind) {
    case 'append':
      writePosition(writer, body.previous);
      writer.u64(body.inherited);
      writer.u64(body.committed);
      writer.u32(body.entries.length);
      for (const [index, { sequence, epoch }] of body.entries.entries()) {
        const entry = bodies[index];
        assert(entry !== undefined && sequence === body.previous.sequence + BigInt(index) + 1n, 'entries follow `previous` without gaps');
        writer.u64(epoch);
        writer.text(entry.requestId);
        writer.u32(entry.operation.byteLength);
      }
      break;
    case 'snapshot':
      writePosition(writer, body.position);
      break;
    case 'ask':
    case 'confirmed':
      writer.u64(BigInt(body.question));
      break;
    case 'fresh':
      writer.u64(BigInt(body.question));
      writer.u64(body.committed);
      writer.u32(body.inForce.length);
      for (const each of body.inForce) writer.text(each);
      break;
    case 'appended':
      writer.u64(body.upTo);
      writer.u64(body.applied);
      break;
    case 'mismatch':
      writer.u64(body.firstPossible);
      break;
    case 'refused':
    case 'hello':
    case 'damaged':
    case 'leaving':
      break;
  }
}

/** The operations are views of `bytes`. Throws LinkError 'bad message'. */
export function decodeMessage(bytes: Buffer): LinkMessage {
  const reader = new FieldReader(bytes);
  const kind = reader.u8();
  const envelope: Envelope = { shard: reader.text(), epoch: reader.u64(), from: reader.text(), to: reader.text() };
  const decoded = kind === kindNumbers.append ? readAppend(reader, envelope) : { message: readPlain(reader, envelope, kind), bodies: [] };
  if (reader.left > 0) throw new LinkError('bad message', `${reader.left} bytes are left over after a message`);
  return decoded;
}

function readPlain(reader: FieldReader, envelope: Envelope, kind: number): Message {
  switch (kind) {
    case kindNumbers.snapshot:
      return { ...envelope, kind: 'snapshot', position: readPosition(reader) };
    case kindNumbers.ask:
      return { ...envelope, kind: 'ask', question: reader.safeInteger() };
    case kindNumbers.confirmed:
      return { ...envelope, kind: 'confirmed', question: reader.safeInteger() };
    case kindNumbers.fresh:
      return { ...envelope, kind: 'fresh', question: reader.safeInteger(), committed: reader.u64(), inForce: readTexts(reader) };
    case kindNumbers.appended:
      return { ...envelope, kind: 'appended', upTo: reader.u64(), applied: reader.u64() };
    case kindNumbers.mismatch:
      return { ...envelope, kind: 'mismatch', firstPossible: reader.u64() };
    case kindNumbers.refused:
      return { ...envelope, kind: 'refused' };
    case kindNumbers.hello:
      return { ...envelope, kind: 'hello' };
    case kindNumbers.damaged:
      return { ...envelope, kind: 'damaged' };
    case kindNumbers.leaving:
      return { ...envelope, kind: 'leaving' };
    default:
      throw new LinkError('bad message', `message of unknown kind ${kind}`);
  }
}

function readAppend(reader: FieldReader, envelope: Envelope): LinkMessage {
  const previous = readPosition(reader);
  const inherited = reader.u64();
  const committed = reader.u64();
  const count = reader.count(minEntryBytes);
  const entries: Position[] = [];
  const heads: { readonly requestId: string; readonly byteLength: number }[] = [];
  let newest = previous.epoch;
  for (let index = 1; index <= count; index++) {
    const epoch = reader.u64();
    // The log takes it for granted: epochs grow along it, and nothing in it is of an epoch to come.
    if (epoch < newest || epoch > envelope.epoch) throw new LinkError('bad message', `entry of epoch ${epoch} behind one of ${newest}`);
    newest = epoch;
    entries.push({ sequence: previous.sequence + BigInt(index), epoch });
    heads.push({ requestId: reader.text(), byteLength: reader.u32() });
  }
  const bodies = heads.map(({ requestId, byteLength }) => ({ requestId, operation: reader.bytes(byteLength) }));
  return { message: { ...envelope, kind: 'append', previous, entries, inherited, committed }, bodies };
}

function readTexts(reader: FieldReader): readonly string[] {
  return Array.from({ length: reader.count(minTextBytes) }, () => reader.text());
}

function writePosition(writer: FieldWriter, { sequence, epoch }: Position): void {
  writer.u64(sequence);
  writer.u64(epoch);
}

function readPosition(reader: FieldReader): Position {
  return { sequence: reader.u64(), epoch: reader.u64() };
}
