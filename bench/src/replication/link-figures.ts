/** What links between nodes have carried, as a node's metrics tell it. */
export interface LinkFigures {
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly messagesSent: number;
  readonly heartbeatsEchoed: number;
}

export async function linkFiguresOf(host: string): Promise<LinkFigures> {
  const answer = await fetch(`http://${host}:9090/metrics`);
  return linkFiguresIn(await answer.text());
}

/** Prometheus text; a series that is not there counts as 0. */
export function linkFiguresIn(text: string): LinkFigures {
  const lines = text.split('\n');
  const value = (series: string): number => {
    const line = lines.find((each) => each.startsWith(`${series} `));
    return line === undefined ? 0 : Number(line.slice(series.length + 1));
  };
  return {
    bytesSent: value('vectorcluster_link_bytes_total{direction="sent"}'),
    bytesReceived: value('vectorcluster_link_bytes_total{direction="received"}'),
    messagesSent: value('vectorcluster_link_messages_total{direction="sent"}'),
    heartbeatsEchoed: value('vectorcluster_link_heartbeat_round_trip_seconds_count'),
  };
}
