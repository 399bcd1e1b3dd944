/** The history of one slot as it is written. */
import type { Outcome } from '../../history.ts';
import type { SlotHistory, SlotRead, SlotWrite } from '../checker/slot-history.ts';

export class SlotRecord implements SlotHistory {
  readonly number: number;
  readonly ids: readonly number[];
  /** Begun with the request, so that reads which come meanwhile may show it; completed by its answer. */
  readonly writes: SlotWrite[] = [];
  reads: SlotRead[] = [];
  /** Nothing is written any more. */
  closedMs: number | undefined;

  constructor(number: number, ids: readonly number[]) {
    this.number = number;
    this.ids = ids;
  }

  get last(): Outcome {
    return this.writes.at(-1)?.outcome ?? { kind: 'absent' };
  }

  begin(write: SlotWrite): (acknowledgedMs: number) => void {
    const place = this.writes.push(write) - 1;
    return (acknowledgedMs) => {
      this.writes[place] = { ...write, acknowledgedMs };
    };
  }
}
