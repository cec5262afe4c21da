// The conversation of all clients that have the browser's WebSocket: browsers, Node's own and that of `ws`.

const opened = (socket) =>
  new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error(`no connection to ${socket.url}`));
  });

const heard = (socket) => new Promise((resolve) => (socket.onmessage = (event) => resolve(JSON.parse(event.data))));

const closed = (socket) =>
  new Promise((resolve) => (socket.onclose = ({ code, reason }) => resolve({ code, reason })));

// A browser cannot ping; `ws` can.
const pong = (socket) =>
  socket.ping ? new Promise((resolve) => socket.once("pong", () => resolve(true)).ping()) : undefined;

export async function converse(WebSocket, { url, protocols, order, broken }) {
  const socket = new WebSocket(url, protocols);
  await opened(socket);
  const answered = heard(socket);
  socket.send(order);
  const seen = { subprotocol: socket.protocol, answer: await answered, pong: await pong(socket) };
  const refused = closed(socket);
  socket.send(broken);
  seen.broken = await refused;

  const stranger = new WebSocket(url);
  const sent_away = closed(stranger);
  await opened(stranger);
  seen.stranger = await sent_away;
  return seen;
}
