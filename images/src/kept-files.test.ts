import { expect, test } from 'vitest';
import { isKeptOfBundled, isKeptOfPackage, isKeptOfWorkspace } from './kept-files.ts';

test.for([
  ['build/engine.node', true],
  ['src/main.ts', false],
  ['gen/qdrant/points_pb.ts', false],
  ['test/contract/main.ts', false],
  ['bench/search.ts', false],
  ['build/types/src/main.d.ts', false],
  ['native/graph.cc', false],
  ['tsconfig.json', false],
] as const)('of a workspace, %s is kept: %s', ([path, kept]) => {
  expect(isKeptOfWorkspace(path)).toBe(kept);
});

test.for([
  ['package.json', true],
  ['lib/proto/channelz.proto', true],
  ['dist/gen/apis/CoreV1Api.js', true],
  ['prebuilds/linux-x64/rocksdb-native.node', true],
  ['LICENSE.md', true],
  ['NOTICE', true],
  ['dist/test/runner.js', true],
  ['prebuilds/linux-x64/rocksdb-native.bare', false],
  ['prebuilds/darwin-arm64/rocksdb-native.node', false],
  ['README.md', false],
  ['types/pino.d.ts', false],
  ['dist/index.js.map', false],
  ['test/all.js', false],
  ['binding.cc', false],
] as const)('of a package, %s is kept: %s', ([path, kept]) => {
  expect(isKeptOfPackage(path, 'linux-x64')).toBe(kept);
});

test.for([
  ['package.json', true],
  ['LICENSE', true],
  ['licenses/NOTICE.txt', true],
  ['dist/package.json', false],
  ['dist/index.js', false],
] as const)('of a package that is in the bundle, %s is kept: %s', ([path, kept]) => {
  expect(isKeptOfBundled(path)).toBe(kept);
});
