/** A TCP segment; an end is written address:port. */
export interface Segment {
  source: string;
  target: string;
  sourcePort: number;
  targetPort: number;
  sequence: number;
  acknowledges: number;
  syn: boolean;
  ack: boolean;
  fin: boolean;
  rst: boolean;
  bytes: Buffer;
}

/** A packet as it crossed an interface, without the header of the link. */
export interface Packet {
  onLoopback: boolean;
  bytes: Buffer;
  /** The addresses of an IP packet. */
  source?: string;
  target?: string;
  /** What a TCP packet carries. */
  segment?: Segment;
}

const FILE_HEADER_BYTES = 24;
const PACKET_HEADER_BYTES = 16;
const LINK_HEADER_BYTES = 20;
const LITTLE_ENDIAN_PCAP = 0xa1b2c3d4;
const LINUX_SLL2 = 276;
const LOOPBACK_DEVICE = 772;
const [IPV4, IPV6, TCP] = [0x0800, 0x86dd, 6];

/** Reads what tcpdump has written so far, of all interfaces; of a packet that is still being written, nothing. */
export function packetsOf(pcap: Buffer): Packet[] {
  if (pcap.length < FILE_HEADER_BYTES) return [];
  const [magic, link] = [pcap.readUInt32LE(0), pcap.readUInt32LE(20)];
  if (magic !== LITTLE_ENDIAN_PCAP || link !== LINUX_SLL2) throw new Error(`no pcap with SLL2: ${magic}, ${link}`);
  const packets: Packet[] = [];
  let at = FILE_HEADER_BYTES;
  while (at + PACKET_HEADER_BYTES <= pcap.length) {
    const [captured, original] = [pcap.readUInt32LE(at + 8), pcap.readUInt32LE(at + 12)];
    if (captured !== original) throw new Error(`a packet of ${original} bytes was cut to ${captured}`);
    const begin = at + PACKET_HEADER_BYTES;
    at = begin + captured;
    if (at <= pcap.length) packets.push(readPacket(pcap.subarray(begin, at)));
  }
  return packets;
}

function readPacket(whole: Buffer): Packet {
  const bytes = whole.subarray(LINK_HEADER_BYTES);
  const packet = { onLoopback: whole.readUInt16BE(8) === LOOPBACK_DEVICE, bytes };
  const ip = readIp(whole.readUInt16BE(0), bytes);
  if (ip === undefined) return packet;
  const { source, target, protocol, body } = ip;
  if (protocol !== TCP) return { ...packet, source, target };
  return { ...packet, source, target, segment: readSegment(source, target, body) };
}

function readIp(protocolOfLink: number, bytes: Buffer) {
  if (protocolOfLink === IPV4)
    return {
      source: bytes.subarray(12, 16).join("."),
      target: bytes.subarray(16, 20).join("."),
      protocol: bytes.readUInt8(9),
      body: bytes.subarray((bytes.readUInt8(0) & 0x0f) * 4, bytes.readUInt16BE(2)),
    };
  if (protocolOfLink === IPV6)
    return {
      source: bytes.toString("hex", 8, 24),
      target: bytes.toString("hex", 24, 40),
      protocol: bytes.readUInt8(6),
      body: bytes.subarray(40, 40 + bytes.readUInt16BE(4)),
    };
  return undefined;
}

function readSegment(source: string, target: string, body: Buffer): Segment {
  const [sourcePort, targetPort, flags] = [body.readUInt16BE(0), body.readUInt16BE(2), body.readUInt8(13)];
  return {
    source: `${source}:${sourcePort}`,
    target: `${target}:${targetPort}`,
    sourcePort,
    targetPort,
    sequence: body.readUInt32BE(4),
    acknowledges: body.readUInt32BE(8),
    fin: (flags & 0x01) !== 0,
    syn: (flags & 0x02) !== 0,
    rst: (flags & 0x04) !== 0,
    ack: (flags & 0x10) !== 0,
    bytes: body.subarray((body.readUInt8(12) >> 4) * 4),
  };
}
