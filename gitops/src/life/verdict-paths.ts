import { kstatusOf, type Verdict } from '../kstatus.ts';
import { nameOf, type LifeRecord } from './record.ts';

/** What kstatus made of one object in one stage, in turn, each once; begins with what it was before. */
export function verdictPath({ versions, stages }: LifeRecord, stage: string, object: string): readonly Verdict[] {
  const index = stages.findIndex(({ name }) => name === stage);
  const { after } = stages[index] ?? { after: Infinity };
  const until = stages[index + 1]?.after ?? Infinity;
  const own = versions.flatMap((version) =>
    version.kind === 'own' && !version.isDeleted && nameOf(version.object) === object ? [version] : [],
  );
  const before = own.findLast(({ at }) => at <= after);
  const told = [...(before ? [before] : []), ...own.filter(({ at }) => at > after && at <= until)].map(
    (version) => kstatusOf(version.object).verdict,
  );
  return told.filter((verdict, position) => verdict !== told[position - 1]);
}
