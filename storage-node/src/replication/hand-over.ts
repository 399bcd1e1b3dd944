/**
 * Hand-over: writes wait in front of the log, what is in it commits, and the operator hears that the target holds everything. Nothing
 * here is needed for safety; it spares clients the failed requests of a failover. Only the operator raises the epoch.
 */
import type { Step } from './effects.ts';
import { leadingPhaseAfter } from './leading-phase.ts';
import type { Leader } from './replica.ts';

export function beginHandOver(leader: Leader, target: string): Step<Leader> {
  const { role } = leader;
  const isPossible = role.phase === 'serving' && role.configuration.inSync.includes(target) && target !== leader.replicaId;
  if (!isPossible) return [leader, []];
  return [{ ...leader, role: { ...role, phase: leadingPhaseAfter(role.phase, 'hand-over-asked'), handOverTo: target } }, []];
}

export function advanceHandOver(leader: Leader): Step<Leader> {
  const { role, log, committed } = leader;
  const target = role.handOverTo;
  if (role.phase !== 'handing-over' || target === undefined || role.change || committed < log.last) return [leader, []];
  if (!role.configuration.inSync.includes(target)) return abandonHandOver(leader);
  return [{ ...leader, role: { ...role, phase: leadingPhaseAfter(role.phase, 'all-committed') } }, [{ kind: 'report-drained', target }]];
}

export function abandonHandOver(leader: Leader): Step<Leader> {
  const { role } = leader;
  if (role.handOverTo === undefined) return [leader, []];
  const phase = leadingPhaseAfter(role.phase, 'hand-over-abandoned');
  return [{ ...leader, role: { ...role, phase, handOverTo: undefined } }, [{ kind: 'resume-writes' }]];
}
