import type { Disk, DiskFile } from './disk.ts';
import { MemoryFile } from './memory-file.ts';

/** An operation about to happen. The hook may throw: then it does not happen, and what a failed sync was to write stays volatile for good. */
export interface DiskOperation {
  readonly kind: 'open' | 'append' | 'truncate' | 'sync' | 'read' | 'list' | 'remove' | 'rename' | 'sync-folder';
  readonly path: string;
}

export interface MemoryDiskOptions {
  /** Numbers in [0, 1): decides what a crash keeps. */
  readonly random: () => number;
  readonly onOperation?: (operation: DiskOperation) => void;
  readonly capacityBytes?: number;
}

export interface CrashOptions {
  /** Which unsynced writes survive. A subset is taken by sectors, with zeros in place of those that are lost. */
  readonly keep: 'none' | 'all' | 'prefix' | 'subset';
  /** Bits to flip in what survives of unsynced writes. */
  readonly flippedBits?: number;
}

type NameChange =
  | { readonly kind: 'create'; readonly path: string; readonly file: MemoryFile }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string };

/** A disk that loses what was not synced, tears, fills up and fails, from one seed. Everything that was synced stays. */
export class MemoryDisk {
  readonly #random: () => number;
  readonly #onOperation: (operation: DiskOperation) => void;
  capacityBytes: number;
  #files = new Map<string, MemoryFile>();
  #durableFiles = new Map<string, MemoryFile>();
  #nameChanges: NameChange[] = [];
  #process = 0;

  constructor(options: MemoryDiskOptions) {
    this.#random = options.random;
    this.#onOperation = options.onOperation ?? (() => {});
    this.capacityBytes = options.capacityBytes ?? Infinity;
  }

  /** The power goes: unsynced writes and names survive as `options` and chance say. */
  crash(options: CrashOptions): void {
    this.kill();
    const prefix = Math.floor(this.#random() * (this.#nameChanges.length + 1));
    const kept = this.#nameChanges.filter((_, index) => {
      if (options.keep === 'subset') return this.#random() < 0.5;
      if (options.keep === 'prefix') return index < prefix;
      return options.keep === 'all';
    });
    this.#files = new Map(this.#durableFiles);
    for (const change of kept) applyName(this.#files, change);
    this.#nameChanges = [];
    this.#durableFiles = new Map(this.#files);
    for (const file of new Set(this.#files.values())) file.crash(options, this.#random);
  }

  /** The process ends; the operating system keeps what was written. */
  kill(): void {
    this.#process += 1;
  }

  /** Flips one bit of what is on the disk. */
  damage(path: string, offset: number, bit: number): void {
    this.#existing(path).flip(offset, bit);
  }

  /** Reads of these bytes fail from now on. */
  makeUnreadable(path: string, from: number, to: number): void {
    this.#existing(path).makeUnreadable(from, to);
  }

  /** The file is gone for good. */
  lose(path: string): void {
    this.#files.delete(path);
    this.#durableFiles.delete(path);
  }

  get paths(): readonly string[] {
    return [...this.#files.keys()].toSorted();
  }

  size(path: string): number {
    return this.#existing(path).size;
  }

  /** The disk as one process sees it, until that process is killed or the power goes. */
  mount(): Disk {
    const process = this.#process;
    const begin = (operation: DiskOperation): void => {
      if (process !== this.#process) throw new Error('the process that used the disk has ended');
      this.#onOperation(operation);
    };
    return {
      open: async (path) => {
        begin({ kind: 'open', path });
        const file = this.#files.get(path) ?? new MemoryFile();
        if (!this.#files.has(path)) this.#rename({ kind: 'create', path, file });
        return this.#handle(path, file, begin);
      },
      list: async () => {
        begin({ kind: 'list', path: '.' });
        return [...this.#files.keys()];
      },
      remove: async (path) => {
        begin({ kind: 'remove', path });
        this.#existing(path);
        this.#rename({ kind: 'remove', path });
      },
      rename: async (from, to) => {
        begin({ kind: 'rename', path: from });
        this.#existing(from);
        this.#rename({ kind: 'rename', from, to });
      },
      syncFolder: async () => {
        begin({ kind: 'sync-folder', path: '.' });
        this.#durableFiles = new Map(this.#files);
        this.#nameChanges = [];
      },
    };
  }

  #handle(path: string, file: MemoryFile, begin: (operation: DiskOperation) => void): DiskFile {
    let closed = false;
    return {
      get size() {
        return file.size;
      },
      append: async (buffers) => {
        const bytes = Buffer.concat(buffers);
        const room = Math.max(0, this.capacityBytes - this.usedBytes);
        begin({ kind: 'append', path });
        file.append(bytes.subarray(0, room));
        if (bytes.length > room) throw Object.assign(new Error(`cannot write ${path}: no space left on device`), { code: 'ENOSPC' });
      },
      read: async (offset, length) => {
        begin({ kind: 'read', path });
        if (closed) throw new Error(`${path} is closed`);
        return file.read(offset, length);
      },
      truncate: async (size) => {
        begin({ kind: 'truncate', path });
        file.truncate(size);
      },
      sync: async () => {
        try {
          begin({ kind: 'sync', path });
        } catch (error) {
          file.failSync();
          throw error;
        }
        file.sync();
      },
      [Symbol.asyncDispose]: async () => {
        closed = true;
      },
    };
  }

  get usedBytes(): number {
    let bytes = 0;
    for (const file of this.#files.values()) bytes += file.size;
    return bytes;
  }

  #existing(path: string): MemoryFile {
    const file = this.#files.get(path);
    if (file === undefined) throw Object.assign(new Error(`no such file: ${path}`), { code: 'ENOENT' });
    return file;
  }

  #rename(change: NameChange): void {
    applyName(this.#files, change);
    this.#nameChanges.push(change);
  }
}

function applyName(files: Map<string, MemoryFile>, change: NameChange): void {
  switch (change.kind) {
    case 'create':
      files.set(change.path, change.file);
      return;
    case 'remove':
      files.delete(change.path);
      return;
    case 'rename': {
      const file = files.get(change.from);
      if (file === undefined) return;
      files.delete(change.from);
      files.set(change.to, file);
    }
  }
}
