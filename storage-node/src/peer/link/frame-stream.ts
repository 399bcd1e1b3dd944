/** Either end of the gRPC stream, as frames. */
import { status, type ClientDuplexStream, type ServerDuplexStream } from '@grpc/grpc-js';
import { partingMs } from './link-limits.ts';

export interface FrameStream {
  /** Calls back when the socket has taken the frame. */
  write(frame: Buffer, flushed: () => void): void;
  /** Ends it at once, for both sides. Nothing is called back afterwards. */
  close(because: string): void;
  /** Called once. */
  listen(listener: FrameListener): void;
}

export interface FrameListener {
  frame(bytes: Buffer): void;
  /** The other side, or the network, ended it. */
  ended(because: string): void;
}

export function dialedStream(call: ClientDuplexStream<Buffer, Buffer>): FrameStream {
  return frameStream(call, () => call.cancel());
}

/** `cut` ends the connection below: a peer that is dead never takes the news that its stream has ended. */
export function acceptedStream(call: ServerDuplexStream<Buffer, Buffer>, cut: () => void): FrameStream {
  return frameStream(call, (details) => {
    call.emit('error', { code: status.FAILED_PRECONDITION, details });
    setTimeout(cut, partingMs).unref();
  });
}

function frameStream(
  call: ClientDuplexStream<Buffer, Buffer> | ServerDuplexStream<Buffer, Buffer>,
  end: (because: string) => void,
): FrameStream {
  let isClosed = false;
  let listener: FrameListener | undefined;
  const ended = (because: string) => {
    if (isClosed) return;
    isClosed = true;
    listener?.ended(because);
  };
  return {
    write: (frame, flushed) => {
      if (!isClosed) call.write(frame, () => void (isClosed || flushed()));
    },
    close: (because) => {
      if (isClosed) return;
      isClosed = true;
      end(because);
    },
    listen: (its) => {
      listener = its;
      call.on('data', (bytes: Buffer) => void (isClosed || its.frame(bytes)));
      call.on('error', (error: Error) => ended(error.message));
      call.on('cancelled', () => ended('the stream was reset'));
      call.on('end', () => {
        ended('the other side ended the stream');
        call.end();
      });
    },
  };
}
