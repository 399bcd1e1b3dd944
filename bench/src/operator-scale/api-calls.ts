/** What the operator asked of the API server between two looks at its metrics. */
import { sumOf, type Sample } from './prometheus-text.ts';

export interface Between {
  readonly before: readonly Sample[];
  readonly after: readonly Sample[];
}

const name = 'vectorcluster_api_request_seconds_count';

/** Its Lease is renewed whatever happens. */
const ownKeep = 'leases';

export interface ApiCalls {
  readonly reads: number;
  readonly writes: number;
  /** Such as `PATCH vectorclusters/status 12`, most first. */
  readonly kinds: readonly string[];
}

export function apiCalls({ before, after }: Between): ApiCalls {
  const kinds = new Map<string, number>();
  for (const { name: series, labels } of after) {
    const [method = '', resource = ''] = [labels.get('method'), labels.get('resource')];
    if (series !== name || resource === ownKeep) continue;
    const isThis = (other: ReadonlyMap<string, string>) => other.get('method') === method && other.get('resource') === resource;
    const count = sumOf(after, name, isThis) - sumOf(before, name, isThis);
    if (count > 0) kinds.set(`${method} ${resource}`, count);
  }
  const total = (isWanted: (kind: string) => boolean) => [...kinds].reduce((sum, [kind, count]) => (isWanted(kind) ? sum + count : sum), 0);
  return {
    reads: total(isRead),
    writes: total((kind) => !isRead(kind)),
    kinds: [...kinds].toSorted(([, a], [, b]) => b - a).map(([kind, count]) => `${kind} ${count}`),
  };
}

function isRead(kind: string): boolean {
  return kind.startsWith('GET ');
}
