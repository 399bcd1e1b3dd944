/**
 * protobuf-es services on grpc-js.
 *
 * Server: `addService(server, MyService, handlers, toStatus)` with one typed handler per RPC; an RPC without handler answers UNIMPLEMENTED.
 * Client: `callUnary(client, MyService.method.name, request, options)` and `callStream(...)` over one grpc-js `Client` per address.
 */
import { create, fromBinary, toBinary, type DescMessage, type DescMethod, type DescService } from '@bufbuild/protobuf';
import type { MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import {
  status,
  type Metadata,
  type MethodDefinition,
  type sendUnaryData,
  type Server,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type StatusObject,
  type UntypedHandleCall,
} from '@grpc/grpc-js';

/** What a unary handler knows of its call. */
export interface CallContext {
  readonly metadata: Metadata;
  /** Aborts when the client cancels, goes away, or its deadline passes. */
  readonly signal: AbortSignal;
  readonly peer: string;
  /** What goes to the client behind a successful answer. */
  setTrailer(trailer: Metadata): void;
}

export type UnaryHandler<I extends DescMessage, O extends DescMessage> = (
  request: MessageShape<I>,
  context: CallContext,
) => Promise<MessageInitShape<O>>;

type Handler<M> = M extends { methodKind: 'unary'; input: infer I extends DescMessage; output: infer O extends DescMessage }
  ? UnaryHandler<I, O>
  : M extends { methodKind: 'server_streaming'; input: infer I extends DescMessage; output: infer O extends DescMessage }
    ? (call: ServerWritableStream<MessageShape<I>, MessageInitShape<O>>) => void
    : M extends { methodKind: 'client_streaming'; input: infer I extends DescMessage; output: infer O extends DescMessage }
      ? (call: ServerReadableStream<MessageShape<I>, MessageInitShape<O>>, answer: sendUnaryData<MessageInitShape<O>>) => void
      : M extends { methodKind: 'bidi_streaming'; input: infer I extends DescMessage; output: infer O extends DescMessage }
        ? (call: ServerDuplexStream<MessageShape<I>, MessageInitShape<O>>) => void
        : never;

/** One handler per RPC, keyed by its lowerCamel name. */
export type ServiceHandlers<S extends Pick<DescService, 'method'>> = {
  readonly [K in keyof S['method']]?: Handler<S['method'][K]>;
};

/** Turns whatever a unary handler threw into the status sent to the client. */
export type ToStatus = (error: unknown, method: string) => Partial<StatusObject> & { code: status; details: string };

export interface Service extends Omit<DescService, 'method'> {
  readonly method: Record<string, DescMethod>;
}

export function addService<S extends Service>(server: Server, service: S, handlers: ServiceHandlers<S>, toStatus: ToStatus): void {
  // Looking a handler up by the descriptor's name is beyond the mapped type; ServiceHandlers and methodKind agree by construction.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const unary = handlers as Readonly<Record<string, UnaryHandler<DescMessage, DescMessage> | undefined>>;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const streaming = handlers as Readonly<Record<string, UntypedHandleCall | undefined>>;
  const implementation: Record<string, UntypedHandleCall> = {};
  for (const method of service.methods) {
    const name = method.localName;
    if (method.methodKind === 'unary' && unary[name] !== undefined) {
      implementation[name] = unaryCall(unary[name], methodPath(method), toStatus);
    } else {
      implementation[name] = streaming[name] ?? unimplemented(method);
    }
  }
  server.addService(serviceDefinition(service), implementation);
}

export function serviceDefinition(service: Service): ServiceDefinition {
  return Object.fromEntries(service.methods.map((method) => [method.localName, methodDefinition(method)]));
}

/** `/package.Service/Method`, as on the wire. */
export function methodPath(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

export function serializer<D extends DescMessage>(desc: D): (message: MessageInitShape<D>) => Buffer {
  return (message) => {
    // create() completes an init object; a finished message passes through untouched.
    const bytes = toBinary(desc, create(desc, message));
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
}

export function deserializer<D extends DescMessage>(desc: D): (bytes: Buffer) => MessageShape<D> {
  return (bytes) => fromBinary(desc, bytes);
}

function methodDefinition(method: DescMethod): MethodDefinition<MessageInitShape<DescMessage>, MessageInitShape<DescMessage>> {
  return {
    path: methodPath(method),
    originalName: method.localName,
    requestStream: method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
    responseStream: method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
    requestSerialize: serializer(method.input),
    requestDeserialize: deserializer(method.input),
    responseSerialize: serializer(method.output),
    responseDeserialize: deserializer(method.output),
  };
}

function unaryCall(handler: UnaryHandler<DescMessage, DescMessage>, path: string, toStatus: ToStatus): UntypedHandleCall {
  return (
    call: ServerUnaryCall<MessageShape<DescMessage>, MessageInitShape<DescMessage>>,
    answer: sendUnaryData<MessageInitShape<DescMessage>>,
  ) => {
    const cancelled = new AbortController();
    const cancel = () => cancelled.abort();
    call.once('cancelled', cancel);
    // grpc-js emits 'cancelled' at the end of every call, answered ones too, and making the abort's error is dear.
    const settle: typeof answer = (error, response) => {
      call.off('cancelled', cancel);
      answer(error, response, trailer);
    };
    let trailer: Metadata | undefined;
    const setTrailer = (metadata: Metadata) => {
      trailer = metadata;
    };
    const context: CallContext = { metadata: call.metadata, signal: cancelled.signal, peer: call.getPeer(), setTrailer };
    const run = async () => handler(call.request, context);
    void run().then(
      (response) => settle(null, response),
      (error: unknown) => settle(toStatus(error, path)),
    );
  };
}

function unimplemented(method: DescMethod): UntypedHandleCall {
  const error = { code: status.UNIMPLEMENTED, details: `${method.parent.typeName}/${method.name} is not supported yet` };
  if (method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming') {
    return (call: ServerWritableStream<unknown, unknown>) => void call.emit('error', error);
  }
  return (_call: unknown, answer: sendUnaryData<never>) => answer(error);
}
