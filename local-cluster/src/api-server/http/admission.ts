/** Puts the admission policies behind each write that comes in by HTTP. */
import type { Admit, Admittance } from '../core/admission/admission-request.ts';
import type { ApiCore } from '../core/api-core.ts';
import type { JsonObject } from '../core/json.ts';
import type { ResourceDefinition } from '../core/resource.ts';
import type { Exchange } from './exchange.ts';
import { writeOptions } from './query.ts';

export interface Addressee {
  readonly resource: ResourceDefinition;
  readonly namespace: string | undefined;
  readonly subresource?: string | undefined;
  /** Where a subresource has a kind of its own. */
  readonly kind?: Admittance['kind'];
  readonly name?: string;
}

/** Undefined: no policy is for it. */
export function admission(core: ApiCore, exchange: Exchange, { subresource, ...to }: Addressee): Admit<JsonObject> | undefined {
  const { fieldManager = '', dryRun = false } = writeOptions(exchange);
  return core.admission.admitting({
    ...to,
    subresource,
    user: exchange.user,
    dryRun,
    options: fieldManager === '' ? {} : { fieldManager },
    warn: (text) => exchange.warnings.push(text),
  });
}
