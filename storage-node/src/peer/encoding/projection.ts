import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Projection, ProjectionSchema } from '@vectorcluster/proto/gen/vectorcluster/peer/v1/peer_pb.ts';
import type { PayloadSelector, VectorSelector } from '../../model/point.ts';

export interface Selectors {
  readonly withPayload: PayloadSelector;
  readonly withVectors: VectorSelector;
}

export function encodeProjection({ withPayload, withVectors }: Selectors): MessageInitShape<typeof ProjectionSchema> {
  return { payload: { selector: payloadSelector(withPayload) }, vectors: { selector: vectorSelector(withVectors) } };
}

export function decodeProjection(message: Projection | undefined): Selectors {
  const payload = message?.payload?.selector;
  const vectors = message?.vectors?.selector;
  return { withPayload: decodePayloadSelector(payload), withVectors: decodeVectorSelector(vectors) };
}

type PayloadCase = NonNullable<Projection['payload']>['selector'];
type VectorCase = NonNullable<Projection['vectors']>['selector'];
type PayloadInit = NonNullable<NonNullable<MessageInitShape<typeof ProjectionSchema>['payload']>['selector']>;
type VectorInit = NonNullable<NonNullable<MessageInitShape<typeof ProjectionSchema>['vectors']>['selector']>;

function payloadSelector(selector: PayloadSelector): PayloadInit {
  if (typeof selector === 'boolean') return { case: 'all', value: selector };
  return 'include' in selector
    ? { case: 'include', value: { names: [...selector.include] } }
    : { case: 'exclude', value: { names: [...selector.exclude] } };
}

function vectorSelector(selector: VectorSelector): VectorInit {
  return typeof selector === 'boolean' ? { case: 'all', value: selector } : { case: 'names', value: { names: [...selector] } };
}

function decodePayloadSelector(selector: PayloadCase | undefined): PayloadSelector {
  switch (selector?.case) {
    case 'all':
      return selector.value;
    case 'include':
      return { include: selector.value.names };
    case 'exclude':
      return { exclude: selector.value.names };
    case undefined:
      return false;
  }
}

function decodeVectorSelector(selector: VectorCase | undefined): VectorSelector {
  switch (selector?.case) {
    case 'all':
      return selector.value;
    case 'names':
      return selector.value.names;
    case undefined:
      return false;
  }
}
