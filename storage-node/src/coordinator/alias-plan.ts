/** What a list of alias actions makes of the collections' alias lists. Pure; the whole list holds or nothing is changed. */
import { AlreadyExistsError, NotFoundError, type StorageNodeError } from '../errors.ts';
import type { AliasAction } from './database.ts';

/** Aliases by collection name. */
export type AliasLists = ReadonlyMap<string, readonly string[]>;

export type AliasPlan =
  /** Collections whose aliases change, with their new lists. */
  { readonly kind: 'change'; readonly lists: AliasLists } | { readonly kind: 'refuse'; readonly error: StorageNodeError };

/** Actions take effect one after the other. Creating an alias that exists moves it; deleting one that does not is nothing. */
export function planAliases(now: AliasLists, actions: readonly AliasAction[]): AliasPlan {
  const targets = new Map<string, string>();
  for (const [collection, aliases] of now) for (const alias of aliases) targets.set(alias, collection);
  for (const action of actions) {
    const error = apply(action, targets, now);
    if (error !== undefined) return { kind: 'refuse', error };
  }
  const lists = new Map<string, readonly string[]>();
  for (const [collection, before] of now) {
    const after = [...targets.keys()].filter((alias) => targets.get(alias) === collection).toSorted();
    if (!isSameSet(before, after)) lists.set(collection, after);
  }
  return { kind: 'change', lists };
}

export interface AliasWrite {
  readonly collection: string;
  readonly aliases: readonly string[];
}

/**
 * The changes in an order in which an alias that moves names its old or its new collection at every moment: first every collection
 * takes what it gains, then each gives up what it loses. One collection alone is changed at once.
 */
export function aliasWrites(now: AliasLists, lists: AliasLists): readonly AliasWrite[] {
  const final = Array.from(lists, ([collection, aliases]) => ({ collection, aliases, before: now.get(collection) ?? [] }));
  if (final.length === 1) return final.map(({ collection, aliases }) => ({ collection, aliases }));
  const gaining = final.filter(({ aliases, before }) => aliases.some((alias) => !before.includes(alias)));
  const losing = final.filter(({ aliases, before }) => before.some((alias) => !aliases.includes(alias)));
  return [
    ...gaining.map(({ collection, aliases, before }) => ({ collection, aliases: [...new Set([...before, ...aliases])].toSorted() })),
    ...losing.map(({ collection, aliases }) => ({ collection, aliases })),
  ];
}

function apply(action: AliasAction, targets: Map<string, string>, collections: AliasLists): StorageNodeError | undefined {
  switch (action.kind) {
    case 'create': {
      if (!collections.has(action.collection)) return new NotFoundError(`Collection \`${action.collection}\` doesn't exist!`);
      if (collections.has(action.alias)) return isCollection(action.alias);
      targets.set(action.alias, action.collection);
      return undefined;
    }
    case 'delete': {
      targets.delete(action.alias);
      return undefined;
    }
    case 'rename': {
      const collection = targets.get(action.from);
      if (collection === undefined) return new NotFoundError(`Alias ${action.from} does not exists!`);
      if (collections.has(action.to)) return isCollection(action.to);
      targets.delete(action.from);
      targets.set(action.to, collection);
      return undefined;
    }
  }
}

function isCollection(name: string): AlreadyExistsError {
  return new AlreadyExistsError(`Collection \`${name}\` already exists!`);
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each) => b.includes(each));
}
