/** What a /metrics page says. */
export interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

export function parseMetrics(text: string): readonly Sample[] {
  return text.split('\n').flatMap((line): Sample[] => {
    const found = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line);
    if (found === null) return [];
    const [, name = '', inner = '', value = ''] = found;
    const labels = new Map(Array.from(inner.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g), ([, key = '', text_ = '']) => [key, text_] as const));
    return [{ name, labels, value: value === '+Inf' ? Infinity : Number(value) }];
  });
}

export type Chooses = (labels: ReadonlyMap<string, string>) => boolean;

const everything: Chooses = () => true;

/** Sum over all series of that name that are chosen. */
export function sumOf(samples: readonly Sample[], name: string, chooses: Chooses = everything): number {
  return samples.reduce((sum, sample) => (sample.name === name && chooses(sample.labels) ? sum + sample.value : sum), 0);
}

/**
 * Of what was observed between two pages: within its bucket by straight line, so no more exact than the buckets are narrow. Not a number
 * when nothing was observed.
 */
export function histogramQuantile(
  { before, after }: { readonly before: readonly Sample[]; readonly after: readonly Sample[] },
  { name, share, chooses = everything }: { readonly name: string; readonly share: number; readonly chooses?: Chooses },
): number {
  const counts = new Map<number, number>();
  for (const [samples, sign] of [
    [after, 1],
    [before, -1],
  ] as const) {
    for (const sample of samples) {
      if (sample.name !== `${name}_bucket` || !chooses(sample.labels)) continue;
      const bound = boundOf(sample.labels.get('le'));
      counts.set(bound, (counts.get(bound) ?? 0) + sign * sample.value);
    }
  }
  const bounds = [...counts].toSorted(([a], [b]) => a - b);
  const total = bounds.at(-1)?.[1] ?? 0;
  if (total === 0) return Number.NaN;
  let [lower, below] = [0, 0];
  for (const [bound, count] of bounds) {
    if (count >= share * total) return bound === Infinity ? lower : lower + ((bound - lower) * (share * total - below)) / (count - below);
    [lower, below] = [bound, count];
  }
  return lower;
}

function boundOf(text: string | undefined): number {
  return text === '+Inf' ? Infinity : Number(text);
}
