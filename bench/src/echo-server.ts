/** What fastify and grpc-js themselves cost: servers that read a request and answer text or bytes that were made before. */
import { Server, ServerCredentials } from '@grpc/grpc-js';
import fastify from 'fastify';

const [answerBytes = 0] = process.argv.slice(2).map(Number);
const restAnswer = `{"padding":"${'a'.repeat(Math.max(0, answerBytes - 14))}"}`;
const grpcAnswer = Buffer.alloc(answerBytes, 1);
const bytes = (message: Buffer): Buffer => message;

const rest = fastify();
rest.removeAllContentTypeParsers();
rest.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
rest.post('/echo', async (_request, reply) => reply.header('content-type', 'application/json').send(restAnswer));
const restPort = Number(new URL(await rest.listen({ host: '127.0.0.1', port: 0 })).port);

const grpc = new Server();
grpc.addService(
  {
    echo: {
      path: '/bench.Echo/Echo',
      requestStream: false,
      responseStream: false,
      requestSerialize: bytes,
      requestDeserialize: bytes,
      responseSerialize: bytes,
      responseDeserialize: bytes,
    },
  },
  { echo: (_call: unknown, answer: (error: null, response: Buffer) => void) => answer(null, grpcAnswer) },
);
grpc.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, grpcPort) => {
  if (error !== null) throw error;
  process.send?.({ restPort, grpcPort });
});
process.once('disconnect', () => {
  grpc.forceShutdown();
  void rest.close();
});
