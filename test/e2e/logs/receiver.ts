import { createServer } from "node:net";

// prints what comes as syslog over TCP, each message with its length before it (RFC 6587), one a line
createServer((socket) => {
  let text = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    text = Buffer.concat([text, chunk]);
    for (
      let header = /^(\d+) /.exec(text.toString("latin1"));
      header;
      header = /^(\d+) /.exec(text.toString("latin1"))
    ) {
      const end = header[0].length + Number(header[1]);
      if (text.length < end) break;
      process.stdout.write(`${text.subarray(header[0].length, end)}\n`);
      text = text.subarray(end);
    }
  });
}).listen(601);
