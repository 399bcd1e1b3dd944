import { writeSync } from 'node:fs';
import type { DestinationStream } from 'pino';

/** Where the log goes. On a full disk lines are dropped: pino's own destination would block the process until there is room. */
export function droppingLog(fd: number): DestinationStream {
  return {
    write: (line) => {
      try {
        writeSync(fd, line);
      } catch {
        // Nobody can be told but by the next line that fits.
      }
    },
  };
}
