import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { DataDirectory, DataDirectoryError } from './data-directory.ts';

const owner = { namespace: 'shop', cluster: 'main', clusterUid: 'uid-of-main' };
const collection = { name: 'main-books', uid: 'uid-of-books' };
const replica = { replicaId: 'ab'.repeat(16), epoch: 3n, collection };
const folders: string[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'data-directory-'));
  folders.push(folder);
  return folder;
}

/** As a node leaves it that had one replica. */
async function usedFolder(): Promise<string> {
  const path = await emptyFolder();
  const directory = await DataDirectory.open(path, owner);
  await directory.saveReplica('shard-1', replica);
  await writeFile(join(directory.log, '000000000001.log'), '');
  await mkdir(directory.documents);
  await writeFile(join(directory.documents, 'CURRENT'), '');
  return path;
}

test('an empty folder is formatted and may be opened again', async () => {
  const path = join(await emptyFolder(), 'below', 'it');
  await DataDirectory.open(path, owner);
  const directory = await DataDirectory.open(path, owner);
  expect(await readdir(path)).toEqual(['identity.json', 'log', 'replicas']);
  expect(await directory.replicas()).toEqual({ kept: new Map(), dropping: [] });
});

test('a replica keeps its id and its highest epoch', async () => {
  const path = await usedFolder();
  const directory = await DataDirectory.open(path, owner);
  await directory.saveReplica('shard-1', { ...replica, epoch: 4n });
  expect(await (await DataDirectory.open(path, owner)).replicas()).toEqual({
    kept: new Map([['shard-1', { ...replica, epoch: 4n }]]),
    dropping: [],
  });
});

test('a replica whose deletion was begun is gone for good', async () => {
  const directory = await DataDirectory.open(await usedFolder(), owner);
  await directory.markDropped('shard-1', replica.replicaId);
  const anew = { replicaId: 'cd'.repeat(16), epoch: 0n, collection };
  await directory.saveReplica('shard-1', anew);
  expect(await directory.replicas()).toEqual({ kept: new Map([['shard-1', anew]]), dropping: [replica.replicaId] });
  await directory.markDropped('shard-1', anew.replicaId);
  for (const { replicaId } of [replica, anew]) await directory.removeDropped(replicaId);
  expect(await directory.replicas()).toEqual({ kept: new Map(), dropping: [] });
});

describe('is refused with what to do', () => {
  test.for<[title: string, damage: (path: string) => Promise<unknown>, says: string]>([
    ['without its identity', (path) => rm(join(path, 'identity.json')), 'but no identity.json: it was deleted in part'],
    ['with half an identity', (path) => writeFile(join(path, 'identity.json'), '{"format":1,"clu'), 'identity.json is damaged: restore it'],
    ['of a format to come', (path) => writeFile(join(path, 'identity.json'), '{"format":2}'), 'identity.json is damaged: restore it'],
    ['without its log', (path) => rm(join(path, 'log'), { recursive: true }), 'has lost log/: it was deleted in part'],
    ['with an empty log folder', (path) => rm(join(path, 'log', '000000000001.log')), 'has lost log/'],
    ['without its documents', (path) => rm(join(path, 'documents'), { recursive: true }), 'has lost documents/'],
    ['without its replicas', (path) => rm(join(path, 'replicas'), { recursive: true }), 'has lost replicas/'],
  ])('%s', async ([, damage, says]) => {
    const path = await usedFolder();
    await damage(path);
    const opening = DataDirectory.open(path, owner);
    await expect(opening).rejects.toThrow(DataDirectoryError);
    await expect(opening).rejects.toThrow(says);
  });

  test.for([
    { ...owner, cluster: 'other' },
    { ...owner, namespace: 'other' },
  ])('by $namespace/$cluster, whose it is not', async (stranger) => {
    await expect(DataDirectory.open(await usedFolder(), stranger)).rejects.toThrow('belongs to cluster shop/main');
  });

  test('by a cluster that has the name of the one that left it behind', async () => {
    const opening = DataDirectory.open(await usedFolder(), { ...owner, clusterUid: 'another' });
    await expect(opening).rejects.toThrow('holds the data of an earlier VectorCluster shop/main');
  });

  test('with a replica file that is damaged', async () => {
    const path = await usedFolder();
    await writeFile(join(path, 'replicas', 'shard-1', 'replica.json'), '{}');
    await expect((await DataDirectory.open(path, owner)).replicas()).rejects.toThrow('replica.json is damaged');
  });

  test('for a shard whose name would leave it', async () => {
    const directory = await DataDirectory.open(await emptyFolder(), owner);
    await expect(directory.saveReplica('../elsewhere', replica)).rejects.toThrow('is not the UID of a shard');
  });
});

test('a folder whose formatting was cut short is formatted', async () => {
  const path = await emptyFolder();
  await mkdir(join(path, 'log'));
  await mkdir(join(path, 'replicas'));
  await writeFile(join(path, 'identity.json.new'), '{"form');
  expect(await (await DataDirectory.open(path, owner)).replicas()).toEqual({ kept: new Map(), dropping: [] });
});

test('what was being formatted when the process ended is formatted again', async () => {
  const path = await emptyFolder();
  await DataDirectory.open(path, owner);
  await rm(join(path, 'replicas'), { recursive: true });
  await rm(join(path, 'log'), { recursive: true });
  const directory = await DataDirectory.open(path, owner);
  await mkdir(join(path, 'replicas', 'shard-1'));
  expect(await directory.replicas()).toEqual({ kept: new Map(), dropping: [] });
});
