import { connect } from "node:net";
import { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";

/** Returns the bytes with which a real TLS client begins: one record, a ClientHello. */
export async function clientHello(): Promise<Buffer> {
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  const wire = new Duplex({ read: () => {}, write: (bytes, _, done) => done(void resolve(bytes)) });
  const client = connectTls({ socket: wire }).on("error", () => {});
  return promise.finally(() => client.destroy());
}

/** Returns the first record with which a TLS port answers a client: its ServerHello, meant for that client alone. */
export async function serverHello(port: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const socket = connect(port, "127.0.0.1").on("error", reject);
  socket.once("data", resolve);
  socket.write(await clientHello());
  const [record] = recordsOf(await promise.finally(() => socket.destroy()));
  if (!record) throw new Error("the port answered with no TLS record");
  return record;
}

/** Returns the TLS records of which bytes consist, each with its head: content type, version, length. */
export function recordsOf(bytes: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += records.at(-1)?.length ?? 0) {
    const length = 5 + (at + 5 <= bytes.length ? bytes.readUInt16BE(at + 3) : 0);
    records.push(bytes.subarray(at, at + length));
  }
  return records;
}
