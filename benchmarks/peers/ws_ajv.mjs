// What a team writes by hand: `ws`, `ajv`, and an answer with the identifiers of the request.
import { readFileSync } from 'node:fs';
import { WebSocketServer } from 'ws';
import Ajv from 'ajv';

const [port, file] = process.argv.slice(2);
const ajv = new Ajv();
const schemas = Object.entries(JSON.parse(readFileSync(file)));
const validators = new Map(schemas.map(([kind, schema]) => [kind, ajv.compile(schema)]));
const server = new WebSocketServer({ host: '127.0.0.1', port: Number(port), perMessageDeflate: false });
server.on('connection', (socket) => {
  socket.on('message', (bytes) => {
    let order;
    try {
      order = JSON.parse(bytes);
    } catch {
      socket.close(1007, 'not JSON');
      return;
    }
    const validate = validators.get(order.type);
    if (!validate || !validate(order)) {
      socket.close(1008, 'invalid');
      return;
    }
    const { requestId, orderId } = order;
    socket.send(JSON.stringify({ type: 'order.accepted', requestId, orderId, status: 'ACCEPTED', total: 19.99 }));
  });
});
