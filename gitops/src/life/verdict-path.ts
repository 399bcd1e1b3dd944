import { kstatusOf, type Verdict } from '../kstatus.ts';
import { nameOf, versionsIn, type LifeRecord } from './record.ts';

/** What kstatus made of one object in one stage, in turn, each once; begins with what it was before. */
export function verdictPath(record: LifeRecord, stage: string, object: string): readonly Verdict[] {
  const ofStage = ({ name }: { readonly name: string }) => versionsIn(record, name).filter((version) => nameOf(version.object) === object);
  const position = record.stages.findIndex(({ name }) => name === stage);
  const before = record.stages.slice(0, position).flatMap(ofStage).at(-1);
  const told = [...(before ? [before] : []), ...ofStage({ name: stage })].map((version) => kstatusOf(version.object).verdict);
  return told.filter((verdict, index) => verdict !== told[index - 1]);
}
