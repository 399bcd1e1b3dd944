/** What one request may ask of this node, whichever protocol it came by. */
export interface RequestLimits {
  readonly bodyBytes: number;
  /** Deadline of a request that names none. */
  readonly timeoutMs: number;
  /** Longest deadline a client may ask for. */
  readonly maxTimeoutMs: number;
  /** Time in which a client must have sent its whole request. */
  readonly receiveTimeoutMs: number;
  /** How long a server that stops waits for the requests under way before it cancels them. */
  readonly drainTimeoutMs: number;
  /** `limit` + `offset` of a search. */
  readonly searchResults: number;
  /** `hnsw_ef` of a search. */
  readonly searchCandidates: number;
  readonly scrollResults: number;
  readonly searchesPerBatch: number;
  readonly filterDepth: number;
  readonly filterConditions: number;
  readonly payloadBytes: number;
  readonly payloadDepth: number;
}

export const defaultRequestLimits: RequestLimits = {
  bodyBytes: 32 * 1024 * 1024,
  timeoutMs: 60_000,
  maxTimeoutMs: 3_600_000,
  receiveTimeoutMs: 60_000,
  drainTimeoutMs: 20_000,
  searchResults: 10_000,
  searchCandidates: 10_000,
  scrollResults: 100_000,
  searchesPerBatch: 1_000,
  filterDepth: 20,
  filterConditions: 1_024,
  payloadBytes: 256 * 1024,
  payloadDepth: 32,
};
