/** A scenario's stages, told in words as they end, each with its seconds. */
export class Stages {
  readonly #say: (line: string) => void;
  readonly #startedMs = performance.now();

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  /** `words` may depend on what came out. */
  async run<T>(stage: string, work: () => Promise<T>, words: (result: T) => string = () => ''): Promise<T> {
    const startedMs = performance.now();
    try {
      const result = await work();
      this.#say(`  ${seconds(performance.now() - startedMs)}  ${[stage, words(result)].filter((each) => each !== '').join(': ')}`);
      return result;
    } catch (error) {
      this.#say(`  ${seconds(performance.now() - startedMs)}  ${stage}: failed`);
      throw error;
    }
  }

  get elapsedMs(): number {
    return performance.now() - this.#startedMs;
  }

  total(): string {
    return seconds(this.elapsedMs);
  }
}

function seconds(elapsedMs: number): string {
  return `${(elapsedMs / 1000).toFixed(1).padStart(6)} s`;
}
