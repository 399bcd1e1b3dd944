/** How fresh an answer must be, as a client asks for it. */
import type { ReadLevel } from '../replication/serving-reads.ts';

/** For clients that ask for nothing. */
export const recent: ReadLevel = { kind: 'recent', silenceMs: 2_000 };
