/** Typed calls of protobuf-es methods over one grpc-js `Client` per address. */
import type {
  DescMessage,
  DescMethodServerStreaming,
  DescMethodUnary,
  DescMethodBiDiStreaming,
  MessageInitShape,
  MessageShape,
} from '@bufbuild/protobuf';
import {
  Metadata,
  status,
  type CallOptions as GrpcCallOptions,
  type Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  type ServiceError,
} from '@grpc/grpc-js';
import { deserializer, methodPath, serializer } from './grpc-adapter.ts';

export interface CallOptions {
  readonly metadata?: Metadata | undefined;
  /** Point in time after which the call fails with DEADLINE_EXCEEDED. */
  readonly deadline?: Date | number | undefined;
  /** Cancels the call. */
  readonly signal?: AbortSignal | undefined;
}

/** Rejects with grpc-js's ServiceError ({ code, details, metadata }), or with the signal's reason when it aborted first. */
export async function callUnary<I extends DescMessage, O extends DescMessage>(
  client: Client,
  method: DescMethodUnary<I, O>,
  request: MessageInitShape<I>,
  options: CallOptions = {},
): Promise<MessageShape<O>> {
  options.signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<MessageShape<O>>();
  const call = client.makeUnaryRequest(
    methodPath(method),
    serializer(method.input),
    deserializer(method.output),
    request,
    options.metadata ?? new Metadata(),
    grpcOptions(options),
    (error, response) => {
      if (error !== null) reject(options.signal?.aborted === true ? (options.signal.reason as unknown) : error);
      else if (response === undefined) reject(new Error(`${methodPath(method)} answered nothing`));
      else resolve(response);
    },
  );
  const cancel = () => call.cancel();
  options.signal?.addEventListener('abort', cancel, { once: true });
  try {
    return await promise;
  } finally {
    options.signal?.removeEventListener('abort', cancel);
  }
}

export function callServerStream<I extends DescMessage, O extends DescMessage>(
  client: Client,
  method: DescMethodServerStreaming<I, O>,
  request: MessageInitShape<I>,
  options: CallOptions = {},
): ClientReadableStream<MessageShape<O>> {
  const call = client.makeServerStreamRequest(
    methodPath(method),
    serializer(method.input),
    deserializer(method.output),
    request,
    options.metadata ?? new Metadata(),
    grpcOptions(options),
  );
  return cancelledBy(call, options.signal);
}

export function callBidiStream<I extends DescMessage, O extends DescMessage>(
  client: Client,
  method: DescMethodBiDiStreaming<I, O>,
  options: CallOptions = {},
): ClientDuplexStream<MessageInitShape<I>, MessageShape<O>> {
  const call = client.makeBidiStreamRequest(
    methodPath(method),
    serializer(method.input),
    deserializer(method.output),
    options.metadata ?? new Metadata(),
    grpcOptions(options),
  );
  return cancelledBy(call, options.signal);
}

function grpcOptions({ deadline }: CallOptions): GrpcCallOptions {
  return deadline === undefined ? {} : { deadline };
}

function cancelledBy<C extends ClientReadableStream<unknown>>(call: C, signal: AbortSignal | undefined): C {
  const cancel = () => call.cancel();
  if (signal?.aborted === true) cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  call.once('close', () => signal?.removeEventListener('abort', cancel));
  return call;
}

/**
 * Whether the connection ended in the middle of a call. grpc-js says INTERNAL then, unless the reason was ECONNRESET; what a server itself
 * calls INTERNAL has other words.
 */
export function brokeOff({ code, details }: ServiceError): boolean {
  return code === status.UNAVAILABLE || (code === status.INTERNAL && /^(Received RST_STREAM|Write error)/.test(details));
}
