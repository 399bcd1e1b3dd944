/** What the program is told as its only argument. */
export interface LoadPlan {
  /** Clients take turns; a Service, or nodes that are to stay. */
  readonly hosts: readonly string[];
  readonly collection: string;
  readonly writers: number;
  readonly readers: number;
  /** Of each client, between an answer and the next request. */
  readonly pauseMs: number;
}
