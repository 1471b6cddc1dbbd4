// A DPI that knows one patient: it takes his documents, refuses others for good, and takes none while it is closed.
import { existsSync } from "node:fs";
import type { Handler } from "../../src/commands/handler.ts";

const KNOWN = "279035121518989";

const handler: Handler = (message) => {
  if (existsSync("/tmp/closed")) return { code: "AR", condition: 206, text: "the record is closed, try again later" };
  const { field, component } = message.delimiters;
  const patient = message.segments().find((segment) => segment.startsWith(`PID${field}`));
  const identifier = patient?.split(field)[3]?.split(component)[0];
  if (identifier === KNOWN) return "AA";
  return { code: "AE", condition: 204, location: "PID^1^3", text: "this DPI does not know the patient" };
};

export default handler;
