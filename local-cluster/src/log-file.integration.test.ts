import { closeSync, openSync } from 'node:fs';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { droppingLog } from './log-file.ts';

test.runIf(process.platform === 'linux')('a full disk costs log lines, not the process', () => {
  const full = openSync('/dev/full', 'w');
  const logger = pino({}, droppingLog(full));
  expect(() => {
    logger.fatal('first');
    logger.info('second');
  }).not.toThrow();
  closeSync(full);
});
