import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { collectionPolicy, shardPolicy } from './admission-policy.ts';
import { vectorShardStatus } from './vector-shard.ts';

const names = [...shardPolicy.rules, ...collectionPolicy.rules].map(({ name }) => name);

test('every field of the status that nodes have no part in is held', () => {
  const held = names.flatMap((name) => /^operator-writes-(.+)$/.exec(name)?.[1] ?? []);
  expect([...held, 'inSync', 'members'].toSorted()).toEqual(Object.keys(vectorShardStatus.shape).toSorted());
});

test('the document on security names every rule', () => {
  const text = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8');
  const silent = names.filter((name) => !text.includes(`\`${name.replace(/^operator-writes-.*/, 'operator-writes-…')}\``));
  expect(silent).toEqual([]);
});

test('every message says what, and because of what', () => {
  const terse = [...shardPolicy.rules, ...collectionPolicy.rules].filter(({ message }) => !/[:;,] /.test(message) || message.length > 200);
  expect(terse).toEqual([]);
});
