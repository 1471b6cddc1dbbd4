// Listens as ENGINE_RECEIVES says ("simple-hl7", which knows no address, or "mllp-node"), on ENGINE_LISTENS as host:port.
import mllp from "mllp-node";
import hl7 from "simple-hl7";
import { tellBytes } from "./wire.mjs";

const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
tellBytes(tell);
const message = (text) => tell({ message: Buffer.from(text).toString("base64") });
const [host, port] = (process.env.ENGINE_LISTENS ?? "127.0.0.1:21010").split(":");

if (process.env.ENGINE_RECEIVES === "simple-hl7") {
  const app = hl7.tcp();
  app.use((request, response, _next) => {
    message(request.raw.slice(1, -2));
    response.end();
  });
  app.start(Number(port));
} else {
  new mllp.MLLPServer(host, Number(port), () => {}).on("hl7", message);
}
process.once("SIGTERM", () => process.exit(0));
