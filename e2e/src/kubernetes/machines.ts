/** What a scenario does to machines: power cuts, cut networks, lost disks. */
import { run } from './kubectl.ts';

export type MachineFault = 'kill' | 'start' | 'wipe' | 'partition' | 'heal';

/** `command` takes a fault and the name of a Kubernetes node as its last arguments. */
export interface Machines {
  inflict(fault: MachineFault, machine: string): Promise<void>;
}

export function machinesBy(command: readonly string[]): Machines {
  const [program = '', ...args] = command;
  return { inflict: async (fault, machine) => void (await run(program, [...args, fault, machine])) };
}
