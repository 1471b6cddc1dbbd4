import type { SiteFacts } from "../src/site/facts.ts";

/** The patient record: sends patient movements, receives documents. */
export const site: SiteFacts = {
  name: "dpi",
  title: "DPI",
  application: "DPI",
  facility: "CHU_X",
  peer: "eai",
  sendPort: 22010,
  listenPort: 21010,
  tlsPort: 32100,
  takes: [{ type: "MDM^T02", segments: ["EVN", "PID", "PV1", "TXA", "OBX"] }],
};
