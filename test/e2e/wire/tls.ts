/** A record as it crossed the network. */
export interface TlsRecord {
  type: number;
  version: number;
  body: Buffer;
}

export const APPLICATION_DATA = 23;
const HANDSHAKE = 22;
const CHANGE_CIPHER_SPEC = 20;
const HEADER_BYTES = 5;
/** What a record carries at most, and what encryption may add to it: TLS 1.3 allows 256, GCM in TLS 1.2 takes 24. */
const MOST_BYTES = 2 ** 14 + 256;
const TLS_1_0 = 0x0301;
const TLS_1_2 = 0x0303;
const [CLIENT_HELLO, SERVER_HELLO] = [1, 2];
const SUPPORTED_VERSIONS = 0x002b;

/** Reads one direction of a connection as TLS records, from its first byte to its last; anything else is an error. */
export function recordsOf(stream: Buffer): TlsRecord[] {
  const records: TlsRecord[] = [];
  for (let at = 0; at < stream.length; ) {
    const record = readRecord(stream.subarray(at));
    if (!record || !isInPlace(record, at === 0))
      throw new Error(`no TLS record at byte ${at} of ${stream.length}: ${stream.toString("hex", at, at + 16)}`);
    records.push(record);
    at += HEADER_BYTES + record.body.length;
  }
  return records;
}

function readRecord(rest: Buffer): TlsRecord | undefined {
  if (rest.length < HEADER_BYTES) return undefined;
  const [type, version, length] = [rest.readUInt8(0), rest.readUInt16BE(1), rest.readUInt16BE(3)];
  const body = rest.subarray(HEADER_BYTES, HEADER_BYTES + length);
  const isWhole = body.length === length && length > 0 && length <= MOST_BYTES;
  return isWhole ? { type, version, body } : undefined;
}

/** A direction begins with a hello; of it alone, a client's, the record may bear the version 1.0, for old servers. */
function isInPlace({ type, version, body }: TlsRecord, isFirst: boolean): boolean {
  if (!isFirst) return type >= CHANGE_CIPHER_SPEC && type <= APPLICATION_DATA && version === TLS_1_2;
  const isHello = type === HANDSHAKE && (body[0] === CLIENT_HELLO || body[0] === SERVER_HELLO);
  return isHello && (version === TLS_1_2 || (version === TLS_1_0 && body[0] === CLIENT_HELLO));
}

/** Returns the version that the server's hello settles: records of TLS 1.3 bear the number of 1.2. */
export function versionOf([first]: TlsRecord[]): number {
  if (first?.body[0] !== SERVER_HELLO) throw new Error("the first record is no hello of a server");
  const hello = first.body;
  // type 1, length 3, version 2, random 32, length of the session ID 1; behind the ID cipher suite 2, compression 1
  const extensionsAt = 39 + hello.readUInt8(38) + 3;
  const end = Math.min(hello.length, 4 + hello.readUIntBE(1, 3));
  for (let at = extensionsAt + 2; at + 4 <= end; at += 4 + hello.readUInt16BE(at + 2))
    if (hello.readUInt16BE(at) === SUPPORTED_VERSIONS) return hello.readUInt16BE(at + 4);
  return hello.readUInt16BE(4);
}
