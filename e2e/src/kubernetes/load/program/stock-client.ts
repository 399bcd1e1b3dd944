/** The requests of a load, whatever the wire. Each throws when it fails, and when the answer is not the right one. */
export interface StockClient {
  readonly wire: 'REST' | 'gRPC';
  /** Returns when every copy in sync shows the point. */
  write(id: number): Promise<void>;
  retrieve(id: number): Promise<void>;
  /** The point is its own nearest. */
  search(id: number): Promise<void>;
}
