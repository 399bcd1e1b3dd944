import type { Log } from '@vectorcluster/engine/log/log.ts';
import type { ScrubStep } from './finding.ts';

/** Verifies one file of the log. The log itself bars the replicas that are hit. */
export async function* checkLogFile(log: Log, name: string): AsyncGenerator<ScrubStep> {
  for (let offset: number | undefined = 0; offset !== undefined;) {
    const check = await log.check(name, offset);
    if (check === undefined) return;
    const { damage, bytes, next } = check;
    if (damage === undefined) yield { bytes, findings: [] };
    else if (damage.replicas.length === 0) yield { bytes, findings: [{ kind: 'unneeded', because: damage.message }] };
    else yield { bytes, findings: damage.replicas.map((replicaId) => ({ kind: 'damaged', replicaId, because: damage.message })) };
    offset = next;
  }
}
