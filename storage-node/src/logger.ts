import { pino, type Logger } from 'pino';
import type { Config } from './config.ts';

export type { Logger } from 'pino';

/** One JSON object a line on standard output. */
export function createLogger({ cluster, node, logLevel }: Config): Logger {
  return pino({ level: logLevel, base: { cluster, node }, timestamp: pino.stdTimeFunctions.isoTime });
}
