/** The Grafana dashboard: what a person on call asks first, from the top down. */

interface Panel {
  readonly title: string;
  readonly unit: string;
  /** PromQL by what a line is called. NODES and OPERATOR stand for the selectors of their Pods. */
  readonly queries: readonly (readonly [expression: string, legend: string])[];
}

interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

const p99 = (metric: string, by: string): string =>
  `histogram_quantile(0.99, sum by (le, ${by}) (rate(${metric}_bucket{NODES}[$__rate_interval])))`;

const rows: readonly Row[] = [
  {
    title: 'Clients',
    panels: [
      {
        title: 'Requests',
        unit: 'reqps',
        queries: [['sum by (operation) (rate(vectorcluster_request_duration_seconds_count{NODES}[$__rate_interval]))', '{{operation}}']],
      },
      { title: 'Requests, p99', unit: 's', queries: [[p99('vectorcluster_request_duration_seconds', 'operation'), '{{operation}}']] },
      {
        title: 'Requests by outcome',
        unit: 'reqps',
        queries: [['sum by (code) (rate(vectorcluster_request_duration_seconds_count{NODES}[$__rate_interval]))', '{{code}}']],
      },
    ],
  },
  {
    title: 'Copies',
    panels: [
      { title: 'Entries that a copy lags', unit: 'short', queries: [['vectorcluster_lag_entries{NODES}', '{{pod}}']] },
      { title: 'Shards led', unit: 'short', queries: [['vectorcluster_primaries{NODES}', '{{pod}}']] },
      {
        title: 'Heartbeats between nodes, p99',
        unit: 's',
        queries: [[p99('vectorcluster_link_heartbeat_round_trip_seconds', 'pod'), '{{pod}}']],
      },
      {
        title: 'Snapshots of replicas',
        unit: 'Bps',
        queries: [['sum by (direction) (rate(vectorcluster_snapshot_bytes_total{NODES}[$__rate_interval]))', '{{direction}}']],
      },
      {
        title: 'Damage found',
        unit: 'short',
        queries: [['sum by (finding) (increase(vectorcluster_scrub_findings_total{NODES}[1d]))', '{{finding}}']],
      },
    ],
  },
  {
    title: 'Nodes',
    panels: [
      { title: 'Points', unit: 'short', queries: [['vectorcluster_points{NODES}', '{{pod}}']] },
      {
        title: 'Vectors that wait for the graph',
        unit: 'short',
        queries: [['vectorcluster_vectors{NODES} - vectorcluster_indexed_vectors{NODES}', '{{pod}}']],
      },
      { title: 'Writes made durable, p99', unit: 's', queries: [[p99('vectorcluster_log_sync_duration_seconds', 'pod'), '{{pod}}']] },
      { title: 'Memory', unit: 'bytes', queries: [['process_resident_memory_bytes{NODES}', '{{pod}}']] },
      { title: 'Event loop held up, p99', unit: 's', queries: [['nodejs_eventloop_lag_p99_seconds{NODES}', '{{pod}}']] },
    ],
  },
  {
    title: 'Operator',
    panels: [
      { title: 'Operators that lead', unit: 'short', queries: [['sum(vectorcluster_operator_leading{OPERATOR})', 'leading']] },
      { title: 'Nodes that report', unit: 'short', queries: [['sum(vectorcluster_operator_nodes_reporting{OPERATOR})', 'reporting']] },
      {
        title: 'Steps',
        unit: 'ops',
        queries: [
          ['sum by (kind) (rate(vectorcluster_operator_steps_total{OPERATOR}[$__rate_interval]))', '{{kind}}'],
          ['sum(rate(vectorcluster_operator_step_failures_total{OPERATOR}[$__rate_interval]))', 'failed'],
        ],
      },
      {
        title: 'Oldest event of a watch',
        unit: 's',
        queries: [['max by (kind) (vectorcluster_informer_last_event_age_seconds{OPERATOR})', '{{kind}}']],
      },
    ],
  },
];

const selectors: Readonly<Record<string, string>> = {
  NODES: 'namespace=~"$namespace", vectorcluster_io_cluster=~"$cluster"',
  OPERATOR: 'container="operator"',
};

const datasource = { type: 'prometheus', uid: '${datasource}' };
const columns = 24;
const width = 8;
const height = 8;

/** JSON model of Grafana 10 and later. */
export function dashboard(): object {
  return {
    uid: 'vectorcluster',
    title: 'VectorCluster',
    tags: ['vectorcluster'],
    schemaVersion: 39,
    time: { from: 'now-1h', to: 'now' },
    refresh: '30s',
    templating: {
      list: [
        source,
        variable('namespace', 'vectorcluster_shards'),
        variable('cluster', 'vectorcluster_shards{namespace=~"$namespace"}', 'vectorcluster_io_cluster'),
      ],
    },
    panels: placed(),
  };
}

/** Every expression, for the test that knows which metrics there are. */
export function expressions(): readonly string[] {
  return rows.flatMap(({ panels }) => panels.flatMap(({ queries }) => queries.map(([expression]) => selected(expression))));
}

const source = { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' };

function variable(name: string, metric: string, label = name): object {
  const query = `label_values(${metric}, ${label})`;
  return {
    name,
    type: 'query',
    datasource,
    query: { query, refId: name },
    definition: query,
    refresh: 2,
    includeAll: true,
    multi: true,
    current: { text: 'All', value: '$__all' },
  };
}

function placed(): readonly object[] {
  let y = 0;
  return rows.flatMap(({ title, panels }) => {
    const header = { type: 'row', title, collapsed: false, panels: [], gridPos: { x: 0, y, w: columns, h: 1 } };
    const top = y + 1;
    y = top + height * Math.ceil((panels.length * width) / columns);
    return [header, ...panels.map((panel, index) => drawn(panel, index, top))];
  });
}

function drawn({ title, unit, queries }: Panel, index: number, top: number): object {
  const perRow = columns / width;
  return {
    type: 'timeseries',
    title,
    datasource,
    gridPos: { x: (index % perRow) * width, y: top + height * Math.floor(index / perRow), w: width, h: height },
    fieldConfig: { defaults: { unit, min: 0, custom: { fillOpacity: 10 } }, overrides: [] },
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi' } },
    targets: queries.map(([expression, legendFormat], line) => ({
      refId: String.fromCharCode(65 + line),
      expr: selected(expression),
      legendFormat,
    })),
  };
}

function selected(expression: string): string {
  return expression.replaceAll(/NODES|OPERATOR/g, (word) => selectors[word] ?? word);
}
