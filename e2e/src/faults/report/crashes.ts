/** Processes that ended by themselves, from their logs: nothing that is done here is a reason to. Pure. */
import { z } from 'zod';

export interface Crash {
  /** Namespace and name of the Pod. */
  readonly pod: string;
  /** ISO 8601; undefined of one that was not logged but thrown. */
  readonly time: string | undefined;
  readonly because: string;
}

const fatal = 60;
const entry = z.looseObject({
  level: z.int(),
  time: z.union([z.string(), z.number()]).optional(),
  msg: z.string().optional(),
  err: z.looseObject({ message: z.string().optional(), stack: z.string().optional() }).optional(),
});
/** A process may end when its disk is full: it could promise nothing any more. */
const diskIsFull = /ENOSPC|no space/i;
const uncaught = /^Node\.js v\d+/;
const thrown = /^(Uncaught )?\w*Error\b.*/;

export function crashesIn(pod: string, log: string): readonly Crash[] {
  const crashes: Crash[] = [];
  let lastThrown = 'an error that it did not name';
  for (const line of log.split('\n')) {
    if (thrown.test(line)) lastThrown = line;
    if (uncaught.test(line)) crashes.push({ pod, time: undefined, because: lastThrown });
    const parsed = line.startsWith('{') ? entry.safeParse(parseJson(line)) : undefined;
    if (parsed?.success !== true || parsed.data.level < fatal) continue;
    const { time, msg = '', err } = parsed.data;
    const because = [msg, err?.message].filter((text) => text !== undefined && text !== '').join(': ');
    if (!diskIsFull.test(line)) crashes.push({ pod, time: time === undefined ? undefined : new Date(time).toISOString(), because });
  }
  return crashes;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // cut short by a SIGKILL
  }
}
