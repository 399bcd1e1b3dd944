/** What VectorShard.status says about who orders the writes of a shard and who holds them, read at one resourceVersion. */
export interface Configuration {
  /** resourceVersion: equal or not, never compared by order. */
  readonly version: string;
  readonly epoch: bigint;
  /** Replica id; undefined until there is a first primary. */
  readonly primary: string | undefined;
  readonly inSync: readonly string[];
  readonly minInSync: number;
  readonly members: readonly ConfigurationMember[];
  /** In-sync replica that the operator asks the primary of this epoch to hand over to. */
  readonly handOverTo: string | undefined;
}

export interface ConfigurationMember {
  readonly replicaId: string;
  readonly node: string;
  readonly kind: 'Voter' | 'Learner';
}

/** Whether they differ in nothing but their version: much else is written into a VectorShard, such as its conditions. */
export function saysTheSame(a: Configuration, b: Configuration): boolean {
  const isMember = (member: ConfigurationMember, index: number) => {
    const other = b.members[index];
    return member.replicaId === other?.replicaId && member.node === other.node && member.kind === other.kind;
  };
  return (
    a.epoch === b.epoch &&
    a.primary === b.primary &&
    a.minInSync === b.minInSync &&
    a.handOverTo === b.handOverTo &&
    a.inSync.join() === b.inSync.join() &&
    a.members.length === b.members.length &&
    a.members.every(isMember)
  );
}

/** A change of the in-sync set by one replica, asked for and not settled yet: it may be in force, or come into force at any time. */
export interface InSyncChange {
  /** Tells the answers of repeated attempts apart. */
  readonly attempt: number;
  /** Version that the change replaces. */
  readonly expected: string;
  readonly inSync: readonly string[];
}
