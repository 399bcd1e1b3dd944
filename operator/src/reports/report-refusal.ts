/** Why a node does not report though it answers: asked once more with all of HTTP/2, since the reason is in compressed headers. */
import { connect, constants, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2';
import { emptyMessage } from './grpc-messages.ts';
import type { StreamEnd } from './known-node.ts';
import { authorityOf, headersOf, type ReportAddress } from './report-call.ts';

/** Of gRPC: the status codes that say more than that it failed. */
const status = { ok: 0, cancelled: 1, failedPrecondition: 9, unavailable: 14 } as const;

const answersWithinMs = 1000;

/** Resolves soon; never rejects. */
export async function whyRefused(to: ReportAddress): Promise<StreamEnd> {
  const { promise, resolve } = Promise.withResolvers<StreamEnd>();
  const session = connect(`http://${authorityOf(to)}`, { settings: { enablePush: false } });
  const late = setTimeout(() => resolve({ kind: 'closed', because: 'it does not say why it ended' }), answersWithinMs);
  session.on('error', (error: Error) => resolve({ kind: 'closed', because: error.message }));
  try {
    const stream = session.request(headersOf(to));
    // It reports now: the next attempt will hear it.
    stream.on('data', () => resolve({ kind: 'closed', because: 'the node ended the stream' }));
    endsWithStatus(stream, resolve);
    stream.end(emptyMessage);
    return await promise;
  } finally {
    clearTimeout(late);
    session.destroy();
  }
}

/** The status is in the trailers, or among the headers where nothing else came. */
function endsWithStatus(stream: ClientHttp2Stream, end: (end: StreamEnd) => void): void {
  const look = (headers: IncomingHttpHeaders): void => {
    const said = endBySaid(headers);
    if (said !== undefined) end(said);
  };
  stream.on('response', look);
  stream.on('trailers', look);
  stream.on('error', (error: Error) => end({ kind: 'closed', because: error.message }));
  stream.on('close', () => end({ kind: 'closed', because: 'the node ended the stream' }));
}

/** Undefined while it goes on. */
function endBySaid(headers: IncomingHttpHeaders): StreamEnd | undefined {
  const code = headers['grpc-status'];
  if (code === undefined) {
    const http = headers[constants.HTTP2_HEADER_STATUS];
    return http === undefined || Number(http) === 200 ? undefined : { kind: 'mute', because: `HTTP status ${String(http)}` };
  }
  const because = `gRPC status ${String(code)}: ${String(headers['grpc-message'] ?? '')}`;
  switch (Number(code)) {
    case status.ok:
      return { kind: 'closed', because: 'the node ended the stream' };
    case status.cancelled:
    case status.unavailable:
      return { kind: 'closed', because };
    case status.failedPrecondition:
      return { kind: 'foreign', because };
    default:
      return { kind: 'mute', because };
  }
}
