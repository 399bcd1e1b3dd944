/**
 * The program of test Pods: answers GET /environment, GET and PUT /files/NAME in DATA_DIR, and /ready, which PUT /ready/yes and
 * PUT /ready/no change. EXIT_CODE ends it at once, with LAST_WORDS; STUBBORN makes it ignore SIGTERM.
 */
import { createServer } from 'node:http';
import { writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const { EXIT_CODE, LAST_WORDS = '', TERMINATION_MESSAGE_PATH = '', STUBBORN, LISTEN_HOST, DATA_DIR = '', READY = 'yes' } = process.env;
if (EXIT_CODE !== undefined) {
  writeFileSync(TERMINATION_MESSAGE_PATH, LAST_WORDS);
  process.exit(Number(EXIT_CODE));
}
process.on('SIGTERM', () => {
  if (STUBBORN === undefined) process.exit(0);
});

let ready = READY === 'yes';
createServer((request, response) => {
  const [, what, name = ''] = (request.url ?? '').split('/');
  const answer = async (): Promise<string> => {
    if (what === 'environment') return JSON.stringify({ ...process.env, ARGS: process.argv.slice(2).join(' '), PID: process.pid });
    if (what === 'ready') {
      if (request.method === 'PUT') ready = name === 'yes';
      response.statusCode = ready || request.method === 'PUT' ? 200 : 503;
      return '';
    }
    const file = join(DATA_DIR, name);
    if (request.method === 'PUT') await writeFile(file, await text(request));
    return readFile(file, 'utf8');
  };
  answer().then(
    (body) => response.end(body),
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
}).listen(8080, LISTEN_HOST);
