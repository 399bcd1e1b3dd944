import { expect, test } from 'vitest';
import { RecentRequests, rememberedRequests } from './recent-requests.ts';

test('answers again what was answered, for as many requests as it remembers', () => {
  const requests = new RecentRequests();
  for (let sequence = 1; sequence <= rememberedRequests + 1; sequence++) {
    requests.remember(`r${sequence}`, { epoch: 1n, sequence: BigInt(sequence) });
  }
  expect(requests.get('r1')).toBeUndefined();
  expect(requests.get('r2')).toEqual({ epoch: 1n, sequence: 2n });
  expect(requests.get(`r${rememberedRequests + 1}`)).toEqual({ epoch: 1n, sequence: BigInt(rememberedRequests + 1) });
  expect(requests.get('never sent')).toBeUndefined();
});
