/** HL7 table 0357, the conditions of an error. */
export const CONDITIONS = {
  100: "Segment sequence error",
  101: "Required field missing",
  102: "Data type error",
  103: "Table value not found",
  200: "Unsupported message type",
  201: "Unsupported event code",
  202: "Unsupported processing id",
  203: "Unsupported version id",
  204: "Unknown key identifier",
  205: "Duplicate key identifier",
  206: "Application record locked",
  207: "Application error",
} as const;

/** Why a message was not accepted; `location` is ERR-2 as segment^sequence^field, `text` becomes ERR-8. */
export interface Refusal {
  code: "AE" | "AR";
  condition: keyof typeof CONDITIONS;
  location: string;
  text: string;
  /** Set where the application refuses a message that was taken and stored: only enhanced mode tells it apart. */
  byApplication?: true;
}
