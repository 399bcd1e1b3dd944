import { Counter, Gauge, type Registry } from 'prom-client';

export interface ReportMetrics {
  reportSent(): void;
  readers(count: number): void;
}

export function createReportMetrics(registry: Registry): ReportMetrics {
  const registers = [registry];
  const sent = new Counter({ name: 'vectorcluster_reports_sent_total', help: 'Reports of this node to operators.', registers });
  const readers = new Gauge({ name: 'vectorcluster_report_readers', help: 'Operators that read the reports of this node.', registers });
  return { reportSent: () => sent.inc(), readers: (count) => readers.set(count) };
}
