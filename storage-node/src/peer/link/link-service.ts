/** The gRPC side of links: both ends of a stream whose frames stay bytes. */
import { Client, credentials, status, type ChannelOptions, type Server, type ServerDuplexStream } from '@grpc/grpc-js';
import { methodPath } from '@vectorcluster/proto/grpc-adapter.ts';
import { LinkService } from '@vectorcluster/proto/gen/vectorcluster/peer/v1/link_pb.ts';
import { foreignIdentity, identityMetadata, type ClusterIdentity } from '../cluster-identity.ts';
import { acceptedStream, dialedStream, type FrameStream } from './frame-stream.ts';
import type { LinkSessions } from './link-sessions.ts';
import { maxFrameBytes, transportWindowBytes } from './link-limits.ts';

/** Of the RPC on the wire. */
export const linkPath = methodPath(LinkService.method.open);
const asIs = (bytes: Buffer): Buffer => bytes;

const channelOptions: ChannelOptions = {
  'grpc.max_receive_message_length': maxFrameBytes,
  'grpc-node.flow_control_window': transportWindowBytes,
  // Pods are reached directly, whatever the environment says of the world outside.
  'grpc.enable_http_proxy': 0,
  // A stream that ends is not made again behind our back, and each attempt has a connection of its own.
  'grpc.enable_retries': 0,
  'grpc.use_local_subchannel_pool': 1,
};

/** Each stream that comes and says this cluster's name; `refused` when it says another. */
export function addLinkService(
  server: Server,
  identity: ClusterIdentity,
  sessions: LinkSessions,
  on: { accepted(stream: FrameStream): void; refused(said: string): void },
): void {
  const streams = { requestStream: true, responseStream: true };
  const codec = { requestSerialize: asIs, requestDeserialize: asIs, responseSerialize: asIs, responseDeserialize: asIs };
  server.addService(
    { open: { path: linkPath, ...streams, ...codec } },
    {
      open: (call: ServerDuplexStream<Buffer, Buffer>) => {
        const said = foreignIdentity(call.metadata, identity);
        if (said === undefined) {
          // Asked now: a call that has ended does not know it any more.
          const peer = call.getPeer();
          return on.accepted(acceptedStream(call, () => sessions.cut(peer)));
        }
        on.refused(said);
        const details = `this node belongs to cluster ${identity.namespace}/${identity.cluster}, the call is for ${said}`;
        call.emit('error', { code: status.FAILED_PRECONDITION, details });
      },
    },
  );
}

/** Fails by `ended` of the stream. */
export function dial(address: string, port: number, identity: ClusterIdentity): FrameStream {
  const host = address.includes(':') ? `[${address}]` : address;
  const client = new Client(`${host}:${port}`, credentials.createInsecure(), channelOptions);
  const call = client.makeBidiStreamRequest(linkPath, asIs, asIs, identityMetadata(identity));
  call.on('status', () => client.close());
  return dialedStream(call);
}
