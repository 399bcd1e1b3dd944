/**
 * Cuts and slow links between addresses of the loopback network, as rules in an nft table of our own, which goes when this does.
 * Rules stand at the input hook: there a packet vanishes, as on a wire, while at the output hook its sender would be told.
 */
import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';

export type NetworkRule =
  | { readonly kind: 'drop'; readonly from: string; readonly to: string }
  | { readonly kind: 'limit'; readonly from: string; readonly to: string; readonly bytesPerSecond: number }
  | { readonly kind: 'lose'; readonly from: string; readonly to: string; readonly lossPercent: number }
  | { readonly kind: 'close'; readonly to: string; readonly port: number; readonly how: 'refused' | 'silent' };

export class NetworkRules implements AsyncDisposable {
  readonly #table = `vectorcluster_faults_${process.pid}`;
  readonly #inForce = new Set<readonly NetworkRule[]>();
  readonly #atExit = (): void => this.#removeNow();
  #turn: Promise<unknown> = Promise.resolve();

  /** Undefined with a reason when this machine has no nft or we may not use it. */
  static async open(): Promise<NetworkRules | { readonly because: string }> {
    const rules = new NetworkRules();
    try {
      await rules.#write();
    } catch (error) {
      return { because: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error) };
    }
    process.once('exit', rules.#atExit);
    return rules;
  }

  /** In force until what is returned is called. */
  async enforce(rules: readonly NetworkRule[]): Promise<() => Promise<void>> {
    this.#inForce.add(rules);
    await this.#write();
    return async () => {
      this.#inForce.delete(rules);
      await this.#write();
    };
  }

  /** Replaces the whole table in one transaction. */
  async #write(): Promise<void> {
    const lines = [...this.#inForce].flat().map((rule) => `    ${inNft(rule)}`);
    const chain = ['  chain arriving {', '    type filter hook input priority 0;', ...lines, '  }'];
    const text = [`table inet ${this.#table}`, `delete table inet ${this.#table}`, `table inet ${this.#table} {`, ...chain, '}', ''].join(
      '\n',
    );
    const writing = this.#turn.then(() => feed(text));
    this.#turn = writing.catch(() => {});
    await writing;
  }

  #removeNow(): void {
    try {
      execFileSync('nft', ['delete', 'table', 'inet', this.#table], { stdio: 'ignore' });
    } catch {
      // It is gone already.
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turn;
    process.off('exit', this.#atExit);
    this.#removeNow();
  }
}

export function inNft(rule: NetworkRule): string {
  if (rule.kind === 'close') {
    return `ip daddr ${rule.to} tcp dport ${rule.port} ${rule.how === 'refused' ? 'reject with tcp reset' : 'drop'}`;
  }
  const pair = `ip saddr ${rule.from} ip daddr ${rule.to}`;
  if (rule.kind === 'drop') return `${pair} drop`;
  if (rule.kind === 'limit') return `${pair} limit rate over ${rule.bytesPerSecond} bytes/second drop`;
  return `${pair} numgen random mod 100 < ${rule.lossPercent} drop`;
}

async function feed(text: string): Promise<void> {
  const running = promisify(execFile)('nft', ['-f', '-']);
  running.child.stdin?.on('error', () => {}).end(text);
  await running;
}
