/** A memory database that remembers how its reads and writes were asked for, and that tells sessions what they saw. */
import type { QueryRequest, RequestContext, WriteOptions } from '../src/coordinator/database.ts';
import type { CountRequest, RetrieveRequest, ScrollRequest } from '../src/model/query.ts';
import type { WriteOperation } from '../src/model/write-operation.ts';
import { MemoryDatabase } from './memory-database.ts';

export class ReadingDatabase extends MemoryDatabase {
  readonly contexts: RequestContext[] = [];
  readonly waits: boolean[] = [];
  #sequence = 0n;

  override async write(name: string, operation: WriteOperation, options: WriteOptions) {
    this.waits.push(options.wait);
    this.#note(options);
    return await super.write(name, operation, options);
  }

  override async query(name: string, request: QueryRequest, context: RequestContext) {
    this.#note(context);
    return await super.query(name, request, context);
  }

  override async retrieve(name: string, request: RetrieveRequest, context: RequestContext) {
    this.#note(context);
    return await super.retrieve(name, request, context);
  }

  override async scroll(name: string, request: ScrollRequest, context: RequestContext) {
    this.#note(context);
    return await super.scroll(name, request, context);
  }

  override async count(name: string, request: CountRequest, context: RequestContext) {
    this.#note(context);
    return await super.count(name, request, context);
  }

  #note(context: RequestContext): void {
    this.#sequence += 1n;
    this.contexts.push(context);
    context.session?.saw('the-shard', { epoch: 1n, sequence: this.#sequence });
  }
}
