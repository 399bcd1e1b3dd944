/**
 * Reads everything this node keeps, slowly and again and again, so that damage is found while other copies are whole. What it finds it
 * tells; what follows from it is decided elsewhere.
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { columnFamilies, type Documents } from '@vectorcluster/engine/documents/documents.ts';
import type { Log } from '@vectorcluster/engine/log/log.ts';
import type { Logger } from '../logger.ts';
import { DocumentKeys } from '../shard/document-keys.ts';
import { checkDocuments } from './check-documents.ts';
import { checkLogFile } from './check-log.ts';
import { checkSavedSegment } from './check-saved-segment.ts';
import type { Finding, ScrubStep } from './finding.ts';
import {
  bytesOf,
  bytesPerSecond,
  planPass,
  restMs,
  untilNextPassMs,
  type SavedFile,
  type ScrubbedReplica,
  type ScrubItem,
  type ScrubPace,
  type ScrubWorld,
} from './scrub-plan.ts';

/** One call per event; the caller counts. */
export interface ScrubMetrics {
  bytesChecked(kind: ScrubItem['kind'], bytes: number): void;
  found(finding: Finding['kind']): void;
  passEnded(pass: { readonly tookMs: number }): void;
}

export interface ScrubberOptions {
  readonly log: Log;
  readonly documents: Documents;
  /** Those that serve: whole, not being installed, dropped or barred. */
  readonly replicas: () => readonly ScrubbedReplica[];
  /** Folder of a shard's saved segments; need not exist. */
  readonly savedSegments: (shard: string) => string;
  /** Must bear being told of the same replica again. */
  readonly onDamage: (replicaId: string, because: string) => void;
  /** The file is removed already. */
  readonly onRebuild?: (replicaId: string, because: string) => void;
  readonly pace: ScrubPace;
  readonly metrics: ScrubMetrics;
  readonly logger: Logger;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** Throws when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** In [0, 1). */
  readonly random: () => number;
}

const afterFailureMs = 60_000;

export class Scrubber {
  readonly #options: ScrubberOptions;

  constructor(options: ScrubberOptions) {
    this.#options = options;
  }

  /** Pass after pass; ends when the signal is aborted. A pass that fails is told and tried again later. */
  async run(signal: AbortSignal): Promise<void> {
    const { logger, now, pace, random, sleep } = this.#options;
    let from = random();
    while (!signal.aborted) {
      const began = now();
      try {
        await this.pass(from, signal);
        from = 0;
        await sleep(untilNextPassMs({ tookMs: now() - began }, pace), signal);
      } catch (error) {
        if (signal.aborted) return;
        logger.warn({ err: error }, 'scrubbing failed and is tried again');
        await sleep(afterFailureMs, signal).catch(() => {});
      }
    }
  }

  /** Everything once, at the pace of the options. */
  async pass(from: number, signal: AbortSignal): Promise<void> {
    const { metrics, now, pace, sleep } = this.#options;
    const began = now();
    const items = planPass(await this.#world(), from);
    const rate = bytesPerSecond(bytesOf(items), pace);
    for (const item of items) {
      let stepBegan = now();
      for await (const { bytes, findings } of this.#check(item)) {
        metrics.bytesChecked(item.kind, bytes);
        for (const finding of findings) this.#tell(finding);
        await sleep(restMs({ bytes, tookMs: now() - stepBegan }, rate), signal);
        stepBegan = now();
      }
    }
    metrics.passEnded({ tookMs: now() - began });
  }

  async #world(): Promise<ScrubWorld> {
    const { documents, log, replicas } = this.#options;
    const whole = replicas();
    return {
      logFiles: log.files,
      documents: await Promise.all(whole.map(async (replica) => ({ ...replica, bytes: await documentBytes(documents, replica) }))),
      savedFiles: (await Promise.all(whole.map((replica) => this.#savedFiles(replica)))).flat(),
    };
  }

  async #savedFiles({ shard, replicaId }: ScrubbedReplica): Promise<readonly SavedFile[]> {
    const folder = this.#options.savedSegments(shard);
    const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.segment')).toSorted();
    const files = names.map(async (name): Promise<SavedFile[]> => {
      const path = join(folder, name);
      const found = await stat(path).catch(() => undefined);
      return found ? [{ shard, replicaId, path, bytes: found.size }] : [];
    });
    return (await Promise.all(files)).flat();
  }

  #check(item: ScrubItem): AsyncIterable<ScrubStep> {
    switch (item.kind) {
      case 'log':
        return checkLogFile(this.#options.log, item.name);
      case 'documents':
        return checkDocuments(this.#options.documents, item);
      case 'saved':
        return checkSavedSegment(item);
    }
  }

  #tell(finding: Finding): void {
    const { logger, metrics, onDamage, onRebuild, replicas } = this.#options;
    // A replica that is being dropped or replaced is in pieces.
    if (finding.kind !== 'unneeded' && !replicas().some(({ replicaId }) => replicaId === finding.replicaId)) return;
    metrics.found(finding.kind);
    logger.error(finding, 'scrubbing found damage');
    if (finding.kind === 'damaged') onDamage(finding.replicaId, finding.because);
    if (finding.kind === 'rebuild') onRebuild?.(finding.replicaId, finding.because);
  }
}

async function documentBytes(documents: Documents, { replicaId }: ScrubbedReplica): Promise<number> {
  const { all } = new DocumentKeys(replicaId);
  const bytes = await Promise.all(columnFamilies.map((family) => documents.approximateBytes(family, all)));
  return bytes.reduce((sum, each) => sum + each, 0);
}
