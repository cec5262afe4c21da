// A client that AsyncAPI's CLI has generated in JavaScript: it hears a message, says one, and is sent away.
const { folder, url, operation, message, hears } = JSON.parse(process.argv[2]);
const Client = require(folder + "/client.js");

console.log = () => {}; // it tells the terminal what it does
const client = new Client(url);
const heard = new Promise((resolve) => client.registerMessageHandler((text) => resolve(JSON.parse(text))));

async function main() {
  await client.connect();
  const closed = new Promise((resolve) => client.websocket.on("close", (code, reason) => resolve([code, `${reason}`])));
  const said = hears ? await heard : null;
  await client[operation](message);
  const [code, reason] = await closed;
  process.stdout.write(JSON.stringify({ heard: said, closed: { code, reason } }));
}

main();
