// Fan-out as its users write it with Socket.IO: `io.emit`.
//
// What one client sends as the event "state" goes to all of them, as in Socket.IO's tutorial
// (https://socket.io/docs/v4/tutorial/step-5). Clients here speak WebSocket from the start: no long polling.
//
//     NODE_PATH=…/node_modules node benchmarks/peers/socket_io.js 8095

const { createServer } = require("node:http");
const { Server } = require("socket.io");

const http = createServer();
const io = new Server(http);

io.on("connection", (socket) => {
  socket.on("state", (state) => {
    io.emit("state", state);
  });
});

http.listen(Number(process.argv[2]), "127.0.0.1");
