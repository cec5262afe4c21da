// Node's own WebSocket, or that of a package that CLIENTS names.
import { createRequire } from "node:module";
import { converse } from "./conversation.mjs";

const own = globalThis.WebSocket;
const WebSocket = process.env.CLIENTS ? createRequire(process.env.CLIENTS + "/")("ws") : own;

console.log(JSON.stringify(await converse(WebSocket, JSON.parse(process.argv[2]))));
