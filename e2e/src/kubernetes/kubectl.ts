/** kubectl and its kin, as a user runs them. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** What the command printed. Throws CommandError with what it said when it fails. */
export async function run(command: string, args: readonly string[], input = ''): Promise<string> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  child.stdin.end(input);
  const [output, complaint, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (code !== 0) throw new CommandError(`${command} ${args.join(' ')}: ${complaint.trim() || output.trim()}`);
  return output;
}

export async function kubectl(...args: readonly string[]): Promise<string> {
  return await run('kubectl', args);
}
