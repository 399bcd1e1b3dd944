/** tools/check-prerequisites on machines that lack something: a PATH with only the programs named. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const script = fileURLToPath(new URL('check-prerequisites', import.meta.url));

/** `programs` by name: the version that `node` tells, or anything for the others. */
function check(programs: Readonly<Record<string, string>>): { readonly status: number | null; readonly told: string } {
  const bin = mkdtempSync(join(tmpdir(), 'prerequisites-'));
  onTestFinished(() => rmSync(bin, { recursive: true }));
  for (const [name, version] of Object.entries(programs)) {
    const path = join(bin, name);
    writeFileSync(path, `#!/bin/sh\ncase "$1" in -v) echo v${version};; -p) echo ${version.split('.')[0]};; *) echo Linux;; esac\n`);
    chmodSync(path, 0o755);
  }
  symlinkSync('/bin/sh', join(bin, 'sh'));
  const { status, stderr } = spawnSync('/bin/bash', [script], { env: { PATH: bin }, encoding: 'utf8' });
  return { status, told: stderr };
}

const all = { node: '24.1.0', npm: '', make: '', 'g++': '', uname: '' };

test('nothing is said where nothing is missing', () => {
  expect(check(all)).toEqual({ status: 0, told: '' });
});

test.for<[string, Readonly<Record<string, string>>, string]>([
  ['node', { npm: '', make: '', 'g++': '', uname: '' }, 'node is missing: install Node.js 20 or newer'],
  ['a newer node', { ...all, node: '18.20.1' }, 'Node.js v18.20.1 is too old: install Node.js 20 or newer.'],
  ['npm', { node: '20.0.0', make: '', 'g++': '', uname: '' }, 'npm is missing: it comes with Node.js'],
  ['make', { node: '20.0.0', npm: '', 'g++': '', uname: '' }, 'make is missing: install it'],
  ['a compiler', { node: '20.0.0', npm: '', make: '', uname: '' }, 'a C++ compiler is missing: install g++ or clang++'],
])('without %s it says so in one line', ([, programs, words]) => {
  const { status, told } = check(programs);
  expect(status).toBe(1);
  expect(told).toContain(words);
  expect(told.trim().split('\n')).toHaveLength(1);
});

test('clang++ will do', () => {
  expect(check({ node: '20.0.0', npm: '', make: '', 'clang++': '', uname: '' }).status).toBe(0);
});
