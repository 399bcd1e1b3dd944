import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { kubeMetrics } from './metrics.ts';

test('each event is counted under its labels, and ages are read when scraped', async () => {
  const registry = new Registry();
  const metrics = kubeMetrics(registry);
  let ageMs = 0;
  metrics.watchLastEventAge('Pod', () => ageMs);
  metrics.listed('Pod', 'start');
  metrics.listFailed('Pod');
  metrics.watchEnded('Pod', 'silent');
  metrics.eventReceived('Pod');
  metrics.started('pools', 20);
  metrics.finished('pools', 'done', 300);
  metrics.answered({ method: 'PATCH', resource: 'pods', status: 409, tookMs: 20 });
  ageMs = 1500;
  const text = await registry.metrics();
  for (const line of [
    'vectorcluster_informer_lists_total{kind="Pod",reason="start"} 1',
    'vectorcluster_informer_list_failures_total{kind="Pod"} 1',
    'vectorcluster_informer_watch_ends_total{kind="Pod",how="silent"} 1',
    'vectorcluster_informer_events_total{kind="Pod"} 1',
    'vectorcluster_informer_last_event_age_seconds{kind="Pod"} 1.5',
    'vectorcluster_queue_wait_seconds_sum{queue="pools"} 0.02',
    'vectorcluster_queue_run_seconds_count{queue="pools",outcome="done"} 1',
    'vectorcluster_api_request_seconds_count{method="PATCH",resource="pods",status="409"} 1',
  ]) {
    expect(text).toContain(line);
  }
});
