/**
 * How far this process is. An installation may say that it serves when one process leads with filled caches and every other has seen
 * the leader renew its Lease: a Lease alone may be that of a process that is no more.
 */
export type Stage = 'seeking' | 'waiting' | 'filling' | 'leading';

const notReady: Readonly<Record<Stage, string | undefined>> = {
  seeking: 'neither leading nor has a leader been seen at work yet; the log says when the Lease cannot be read',
  waiting: undefined,
  filling: 'leading, but the caches are not filled yet; the log says which lists fail',
  leading: undefined,
};

export class Readiness {
  #stage: Stage = 'seeking';

  reached(stage: Stage): void {
    this.#stage = stage;
  }

  /** Why this process cannot do its part; undefined when it can. */
  notReadyBecause(): string | undefined {
    return notReady[this.#stage];
  }
}
