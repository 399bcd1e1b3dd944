/** What the demo prints: numbered chapters, lines below them, one progress bar. Colours only on a terminal. */
import { SingleBar } from 'cli-progress';
import { colorsFor } from '@vectorcluster/local-cluster/cli/colors.ts';

const colors = colorsFor(process.stdout);
const chapters = 6;
let chapter = 0;

export function heading(title: string): void {
  chapter++;
  process.stdout.write(`\n${colors.bold(`${chapter}/${chapters} ${title}`)}\n`);
}

export function line(text = ''): void {
  process.stdout.write(text === '' ? '\n' : `  ${text}\n`);
}

export function good(text: string): void {
  line(`${colors.green('✓')} ${text}`);
}

export function faint(text: string): string {
  return colors.dim(text);
}

export function strong(text: string): string {
  return colors.bold(text);
}

/** With commas between thousands, without decimals. */
export function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** Shortened to what fits into the rest of a line that holds `taken` columns already. */
export function fitted(text: string, taken: number): string {
  const room = Math.max(20, (process.stdout.columns ?? 140) - taken);
  return text.length <= room ? text : `${text.slice(0, room - 1).trimEnd()}…`;
}

export interface Progress {
  update(done: number): void;
  stop(): void;
}

/** A bar on a terminal; elsewhere a line at every quarter. */
export function progress(label: string, total: number): Progress {
  if (process.stdout.isTTY) {
    const bar = new SingleBar({
      format: `  ${label} {bar} {value} of {total}`,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      formatValue: (value, _options, type) => (type === 'value' || type === 'total' ? grouped(value) : String(value)),
      hideCursor: true,
      clearOnComplete: true,
    });
    bar.start(total, 0);
    return { update: (done) => bar.update(done), stop: () => bar.stop() };
  }
  let quarter = 0;
  return {
    update: (done) => {
      const reached = Math.floor((4 * done) / total);
      if (reached > quarter) line(`${label} ${grouped(done)} of ${grouped(total)}`);
      quarter = Math.max(quarter, reached);
    },
    stop: () => {},
  };
}

/** Percentiles by nearest rank, in milliseconds. */
export function latencies(samplesMs: readonly number[]): string {
  const sorted = samplesMs.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0).toFixed(1);
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms`;
}
