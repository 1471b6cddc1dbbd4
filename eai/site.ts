import type { SiteFacts } from "../src/site/facts.ts";

/** The integration engine: sends documents, receives patient movements. */
export const site: SiteFacts = {
  name: "eai",
  title: "EAI",
  application: "EAI",
  facility: "CHU_X",
  peer: "dpi",
  sendPort: 21010,
  listenPort: 22010,
  tlsPort: 32200,
  takes: [{ type: "ADT^A01", segments: ["EVN", "PID", "PV1"] }],
};
