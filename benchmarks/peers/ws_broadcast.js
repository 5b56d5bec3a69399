// Fan-out as its users write it with npm's ws: `send` on each of the server's clients.
//
// What one client sends goes to all of them. From "Server broadcast" in ws's README
// (https://github.com/websockets/ws#server-broadcast). Compression is off by default.
//
//     NODE_PATH=…/node_modules node benchmarks/peers/ws_broadcast.js 8094

const { WebSocket, WebSocketServer } = require("ws");

const server = new WebSocketServer({ host: "127.0.0.1", port: Number(process.argv[2]) });

server.on("connection", (socket) => {
  socket.on("error", () => {});
  socket.on("message", (data, isBinary) => {
    for (const client of server.clients) {
      if (client.readyState === WebSocket.OPEN) {
        client.send(data, { binary: isBinary });
      }
    }
  });
});
