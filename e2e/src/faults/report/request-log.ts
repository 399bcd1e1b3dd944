/** Counts requests and calls, failed ones by reason; asked for a report. */
import type { FailedCall, FailedRequest, RequestCounter, Through } from '../workload/stock-client.ts';

export class RequestLog implements RequestCounter {
  readonly now: () => number;
  readonly sentBy = new Map<string, number>();
  readonly failedRequests: FailedRequest[] = [];
  readonly failedCalls: FailedCall[] = [];
  requests = 0;

  constructor(now: () => number) {
    this.now = now;
  }

  sent(operation: string, _through: Through): void {
    this.requests++;
    this.sentBy.set(operation, (this.sentBy.get(operation) ?? 0) + 1);
  }

  requestFailed(failure: FailedRequest): void {
    this.failedRequests.push(failure);
  }

  callFailed(failure: FailedCall): void {
    this.failedCalls.push(failure);
  }
}
