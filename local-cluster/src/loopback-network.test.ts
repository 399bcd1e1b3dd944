import { expect, test } from 'vitest';
import { findFreePlace, freePodAddress } from './loopback-network.ts';

test('the lowest free network, at the port that kubectl users know', async () => {
  expect(await findFreePlace(undefined, async (host) => (host === '127.16.0.1' ? 'in-use' : 'free'))).toEqual({ octet: 17, port: 6443 });
});

test('a program that listens on every address at 6443 costs that port only', async () => {
  expect(await findFreePlace(undefined, async (_host, port) => (port === 6443 ? 'in-use' : 'free'))).toEqual({ octet: 16, port: 16_443 });
});

test('a cluster comes back where it was, or says who has to go', async () => {
  const kept = { octet: 40, port: 6443 };
  expect(await findFreePlace(kept, async () => 'free')).toMatchObject(kept);
  await expect(findFreePlace(kept, async () => 'in-use')).rejects.toThrow(
    "port 6443 of 127.40.0.1, where this cluster's API server belongs, is in use: stop the program that listens there",
  );
});

test('everything taken', async () => {
  await expect(findFreePlace(undefined, async () => 'in-use')).rejects.toThrow(/ports 6443, 16443, 26443 are in use .*stop the program/);
});

test('a system that answers on 127.0.0.1 only', async () => {
  await expect(findFreePlace(undefined, async () => 'no-address')).rejects.toThrow(
    'this machine does not answer on 127.16.0.1: a local cluster needs all of 127.0.0.0/8, as Linux has it.',
  );
});

test('Pod addresses fill up without a gap', () => {
  const taken = new Set<string>();
  for (let count = 0; count < 251; count++) taken.add(freePodAddress({ octet: 16 }, taken));
  expect([...taken].at(0)).toBe('127.16.1.1');
  expect([...taken].at(-1)).toBe('127.16.2.1');
});
