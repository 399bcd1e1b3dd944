/** Writes of slots by the stock clients: REST and gRPC. */
import { collection, pointBody } from './points.ts';
import type { GrpcConnection, RestConnection } from './connections.ts';
import type { SlotTransport } from './slot-client.ts';

export function overRest({ through, client }: RestConnection): SlotTransport {
  return {
    through,
    send: async (slot, change, wait) => {
      const ids = [...slot.ids];
      if (change.kind === 'delete') await client.delete(collection, { wait, points: ids });
      else if (change.kind === 'set-payload') {
        await client.setPayload(collection, { wait, points: ids, payload: { generation: change.generation } });
      } else {
        await client.upsert(collection, { wait, points: ids.map((id) => pointBody(id, slot.number, change.generation)) });
      }
    },
  };
}

const number = (value: number) => ({ kind: { case: 'integerValue', value: BigInt(value) } }) as const;
const pointId = (id: number) => ({ pointIdOptions: { case: 'num', value: BigInt(id) } }) as const;

export function overGrpc({ through, client }: GrpcConnection): SlotTransport {
  const points = client.api('points');
  return {
    through,
    send: async (slot, change, wait) => {
      const selected = { pointsSelectorOneOf: { case: 'points', value: { ids: slot.ids.map(pointId) } } } as const;
      if (change.kind === 'delete') await points.delete({ collectionName: collection, wait, points: selected });
      else if (change.kind === 'set-payload') {
        const payload = { generation: number(change.generation) };
        await points.setPayload({ collectionName: collection, wait, payload, pointsSelector: selected });
      } else {
        const bodies = slot.ids.map((id) => pointBody(id, slot.number, change.generation));
        await points.upsert({
          collectionName: collection,
          wait,
          points: bodies.map(({ id, vector, payload }) => ({
            id: pointId(id),
            vectors: { vectorsOptions: { case: 'vector', value: { vector: { case: 'dense', value: { data: vector } } } } },
            payload: { slot: number(payload.slot), generation: number(payload.generation) },
          })),
        });
      }
    },
  };
}
