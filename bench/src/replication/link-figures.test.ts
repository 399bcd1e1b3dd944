import { expect, test } from 'vitest';
import { linkFiguresIn } from './link-figures.ts';

test('series are told apart by their labels', () => {
  const text = [
    '# TYPE vectorcluster_link_bytes_total counter',
    'vectorcluster_link_bytes_total{direction="sent"} 12',
    'vectorcluster_link_bytes_total{direction="received"} 1.5e3',
    'vectorcluster_link_messages_total{direction="sent"} 3',
    'vectorcluster_link_heartbeat_round_trip_seconds_count 8',
  ].join('\n');
  expect(linkFiguresIn(text)).toEqual({ bytesSent: 12, bytesReceived: 1500, messagesSent: 3, heartbeatsEchoed: 8 });
});

test('a node that has carried nothing says nothing', () => {
  expect(linkFiguresIn('')).toEqual({ bytesSent: 0, bytesReceived: 0, messagesSent: 0, heartbeatsEchoed: 0 });
});
