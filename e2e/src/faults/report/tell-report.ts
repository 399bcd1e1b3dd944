/** A report in words. Pure. */
import { inSeconds } from '../tell-time.ts';
import type { Crash } from './crashes.ts';
import type { Distribution } from './pauses.ts';
import type { Count, Report } from './report.ts';

const violationsTold = 10;
const configurationsTold = 8;
const reasonsTold = 12;

export function tellReport(report: Report): string {
  const faultCount = report.faults.reduce((sum, { count }) => sum + count, 0);
  const lines = [
    `${faultCount} faults in ${(report.lastedMs / 60_000).toFixed(1)} minutes, ${report.copies} copies of each shard, SEED=${report.seed}`,
    ...told(report.faults),
    ...report.leftOut.map((what) => `  left out: ${what}`),
    '',
    `${report.requests} requests, ${total(report.failedRequests)} failed`,
    ...told(report.failedRequests),
    ...(report.failedBySinceFault.length > 0 ? ['when they failed', ...told(report.failedBySinceFault)] : []),
    ...report.failedDuring.map(
      ({ kind, seconds, requests, throughService }) =>
        `  ${String(requests).padStart(6)}  in ${seconds} s of ${kind}, ${throughService} of them through the Service`,
    ),
    `${total(report.failedCalls)} calls failed although they were tried again as clients do, ${report.failedThroughService} of them through the Service`,
    ...told(report.failedCalls),
    `${total(report.failedProbes)} probes failed, which are not tried again`,
    '',
    'first acknowledged write and first answered read after a fault, in ms, per shard',
    ...report.pauses.flatMap(({ kind, writes, reads }) => [
      `  ${kind}`,
      `    writes ${tellDistribution(writes)}`,
      `    reads  ${tellDistribution(reads)}`,
    ]),
    '',
    ...tellChecks(report),
    ...tellViolations(report),
  ];
  return lines.join('\n');
}

function tellChecks(report: Report): readonly string[] {
  const { final, notHealed, crashes } = report;
  return [
    `${report.checkedReads} reads of slots checked, ${report.staleWithinBound} points shown late while nodes could not hear one another, within the bound`,
    ...(final
      ? [
          `at the end: ${final.slots} slots, ${final.registers} registers, ${final.inserts} inserted points compared; ${final.compared} points equal on each copy unless told below`,
        ]
      : []),
    ...(report.registersNotSearched > 0 ? [`${report.registersNotSearched} histories of registers have too many orders to search`] : []),
    ...(report.sessions ? [] : ['no session tokens came back: sessions were not checked']),
    ...(crashes.length === 0 ? [] : [`${crashes.length} times a process ENDED BY ITSELF`, ...crashes.slice(0, reasonsTold).map(tellCrash)]),
    ...(notHealed === undefined ? [] : [`NOT HEALED: ${notHealed}`]),
  ];
}

function tellViolations({ violations, configurations }: Report): readonly string[] {
  if (violations.length === 0) return ['0 violations'];
  const first = violations.slice(0, violationsTold).flatMap((violation, index) => [
    '',
    `${index + 1}. at ${inSeconds(violation.atMs)} s: ${violation.kind} (${violation.ids.length} points: ${violation.ids.slice(0, 5).join(', ')})`,
    ...violation.story.map((line) => `     ${line}`),
    ...configurations
      .filter(({ atMs }) => atMs <= violation.atMs)
      .slice(-configurationsTold)
      .map(
        (each) =>
          `     ${inSeconds(each.atMs)} s ${each.shard}: epoch ${each.epoch}, primary ${each.primary}, in sync ${each.inSync.join(', ')}`,
      ),
  ]);
  const kinds = [...Map.groupBy(violations, ({ kind }) => kind)].map(([kind, all]) => `${all.length} × ${kind}`);
  return [`${violations.length} VIOLATIONS: ${kinds.join(', ')}`, ...first];
}

function tellDistribution(found: Distribution | undefined): string {
  if (!found) return 'none';
  const { count, p50, p90, p99, max } = found;
  const [a, b, c, d] = [p50, p90, p99, max].map((ms) => ms.toFixed(0).padStart(6));
  return `p50 ${a}  p90 ${b}  p99 ${c}  max ${d}  (${count})`;
}

function tellCrash({ pod, time = 'some time', because }: Crash): string {
  return `  ${pod} at ${time}: ${because}`;
}

const total = (all: readonly Count[]): number => all.reduce((sum, { count }) => sum + count, 0);

function told(all: readonly Count[]): readonly string[] {
  const lines = all.slice(0, reasonsTold).map(({ what, count }) => `  ${String(count).padStart(6)}  ${what}`);
  return all.length > reasonsTold ? [...lines, `          … and ${all.length - reasonsTold} more kinds`] : lines;
}
