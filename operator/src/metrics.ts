/** What the operator does, as Prometheus metrics: one function per event. Informers and queues have theirs in kube, report streams in reports/. */
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { kubeMetrics, type KubeMetrics } from '@vectorcluster/kube/metrics.ts';
import { createReportMetrics, type ReportMetrics } from './reports/metrics.ts';

export interface OperatorMetrics extends KubeMetrics, ReportMetrics {
  readonly registry: Registry;
  stepDone(controller: string, kind: string): void;
  stepFailed(controller: string): void;
  statusWritten(controller: string): void;
  leading(isLeading: boolean): void;
}

export function createMetrics(): OperatorMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const steps = new Counter({
    name: 'vectorcluster_operator_steps_total',
    help: 'Steps carried out.',
    labelNames: ['controller', 'kind'],
    registers,
  });
  const failures = new Counter({
    name: 'vectorcluster_operator_step_failures_total',
    help: 'Steps that the API server refused or did not answer.',
    labelNames: ['controller'],
    registers,
  });
  const statuses = new Counter({
    name: 'vectorcluster_operator_status_writes_total',
    help: 'Statuses written.',
    labelNames: ['controller'],
    registers,
  });
  const leader = new Gauge({ name: 'vectorcluster_operator_leading', help: '1 while this process leads.', registers });
  return {
    ...kubeMetrics(registry),
    ...createReportMetrics(registry),
    registry,
    stepDone: (controller, kind) => steps.inc({ controller, kind }),
    stepFailed: (controller) => failures.inc({ controller }),
    statusWritten: (controller) => statuses.inc({ controller }),
    leading: (isLeading) => leader.set(isLeading ? 1 : 0),
  };
}
