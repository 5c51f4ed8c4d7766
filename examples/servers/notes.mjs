// Keeps notes in a file: POST adds a note, GET answers with all notes.
import { appendFile, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

const notes = `${process.env.STATE_DIRECTORY}/notes`;
await appendFile(notes, '');

createServer(async (request, response) => {
  if (request.method === 'POST') await appendFile(notes, `${await text(request)}\n`);
  response.end(await readFile(notes));
}).listen(Number(process.env.PORT), '127.0.0.1');
