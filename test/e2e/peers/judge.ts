import { join } from "node:path";
import type { PlaceCode, Status } from "../../../src/check/finding.ts";
import type { FindingId } from "../../../src/check/questions.ts";
import { ROOT, run } from "../sandbox/index.ts";

/** What came of a check: what "check --json" says, as far as it is looked at here. */
export interface Judged {
  name: string;
  code: number;
  stderr: string;
  place?: PlaceCode;
  findings: { id: FindingId; status: Status; detail: string }[];
}

/** The Node that the project brings runs TypeScript as it is; tsx would take its time to compile it. */
export const NODE = join(ROOT, "node_modules/.bin/node");

/** Judges ports as an engineer does who has the files of the EAI on a machine of their own, some of them at once. */
export class Judge {
  readonly #options: string[];
  readonly #env: Record<string, string>;
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(pki: string, atOnce: number) {
    const file = (name: string) => join(pki, "eai", name);
    const ours = ["--cert", file("eai.crt"), "--key", file("eai.key"), "--ca", file("ca.crt"), "--crl", file("ca.crl")];
    const refused = ["--expired", file("eai.expired.crt"), "--sibling", file("eai.sibling.crt")];
    this.#options = ["--name", "dpi", ...ours, ...refused, "--exchange", "--json"];
    // half of what each would work is to read the same modules again
    this.#env = { NODE_COMPILE_CACHE: join(pki, "compiled") };
    this.#free = atOnce;
  }

  /** Judges each port of a kind of peers. */
  all(kind: string, ports: Record<string, number>): Promise<Judged[]> {
    return Promise.all(Object.entries(ports).map(([name, port]) => this.#inTurn(`${kind}: ${name}`, port)));
  }

  async #inTurn(name: string, port: number): Promise<Judged> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((go) => this.#waiting.push(go));
    try {
      return await this.#judge(name, port);
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }

  async #judge(name: string, port: number): Promise<Judged> {
    const args = [join(ROOT, "src/bin/check.ts"), "--connect", `127.0.0.1:${port}`, ...this.#options];
    const { code, stdout, stderr } = await run(NODE, args, { env: this.#env });
    // a check that breaks is the failure of one peer, not of them all
    if (stdout === "") return { name, code, stderr, findings: [] };
    const { legs, findings } = JSON.parse(stdout);
    return { name, code, stderr, place: legs.to.code, findings };
  }
}
