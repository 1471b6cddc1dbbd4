import { joined, type Text } from "../../languages.ts";
import type { Finding, Status } from "../finding.ts";

/** What was found of the files of one service. */
export interface OfService {
  service: string;
  findings: Finding[];
}

const WORST: Status[] = ["fail", "warn", "skip", "pass"];

/** Makes one finding a question of services that are given different files: the worst counts, and is told by name. */
export function mergeByService(all: [OfService, ...OfService[]]): Finding[] {
  const [first, ...others] = all;
  if (others.length === 0) return first.findings;
  return first.findings.map((finding) => {
    const same = all.flatMap(({ service, findings }) =>
      findings.filter(({ id }) => id === finding.id).map((one) => ({ service, one })),
    );
    const status = WORST.find((each) => same.some(({ one }) => one.status === each)) ?? finding.status;
    const told = same.filter(({ one }) => one.status === status);
    return { ...finding, ...told[0]?.one, detail: joined(told.map(({ service, one }) => named(service, one.detail))) };
  });
}

const named = (service: string, { en, fr }: Text): Text => ({ en: `[${service}] ${en}`, fr: `[${service}] ${fr}` });
