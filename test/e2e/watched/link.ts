import { type Faults, nothing, TO_DPI, TO_EAI } from "./faults.ts";

/** What is wrong with the way there, one after the other. */
export const LINK: Faults = {
  environment: { SEND_EVERY: "3s", EAI_ANSWER: "late 3s every 20" },
  groups: [
    [
      {
        name: "EAI acknowledges one message in twenty after 3 s",
        cause: (sandbox) => sandbox.exec("dpi", ["send", "--count", "80", "--connections", "4"]),
        tells: [
          {
            alert: "ExchangesSlow",
            labels: TO_EAI,
            severity: "warning",
            summary: /^dpi-to-eai: one exchange in a hundred of dpi takes more than [2-5](\.\d+)?s, cause/,
          },
        ],
        mended: "fewer of them",
        mend: nothing,
      },
    ],
    [
      {
        name: "DPI is stopped, and 600 messages are queued for it",
        cause: async (sandbox) => {
          await sandbox.mustCompose("stop", "dpi");
          await sandbox.mustExec("eai", "send", "--queue", "--count", "600");
        },
        tells: [
          {
            alert: "SiteDown",
            labels: { site: "dpi" },
            severity: "critical",
            summary: /^both legs: the site dpi does not answer, cause: its container is stopped/,
          },
          {
            alert: "LinkDown",
            labels: TO_DPI,
            severity: "critical",
            summary: /^eai-to-dpi: the link is down, eai gets no acknowledgment, cause connection-(reset|closed)$/,
          },
          {
            alert: "NoExchange",
            labels: TO_DPI,
            severity: "critical",
            summary: /^eai-to-dpi: no exchange for \d+\.?\d*s, three times the interval of eai, cause connection-/,
          },
          {
            alert: "QueueDeep",
            labels: TO_DPI,
            severity: "warning",
            summary: /^eai-to-dpi: 60\d messages wait in the outbox of eai, cause connection-/,
          },
          {
            alert: "QueueVeryDeep",
            labels: TO_DPI,
            severity: "critical",
            summary: /^eai-to-dpi: 60\d messages wait in the outbox of eai, cause connection-/,
          },
          {
            alert: "ErrorRateVeryHigh",
            labels: TO_DPI,
            severity: "critical",
            summary: /^eai-to-dpi: \d+(\.\d+)?% of the exchanges of eai fail, cause connection-/,
          },
        ],
        mended: "`docker compose start dpi`",
        mend: (sandbox) => sandbox.mustCompose("start", "dpi"),
      },
    ],
  ],
};
