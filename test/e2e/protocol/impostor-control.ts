import type { Sandbox, SiteName } from "../sandbox/index.ts";
import type { Behaviour, Visit } from "./impostor.ts";

/** Where each site looks for its peer, and finds the impostor. */
const PLACES = { eai: 32100, dpi: 32200 } as const;

/** The impostor of a sandbox, told and asked from outside. */
export class Impostor {
  readonly #control: string;

  private constructor(control: string) {
    this.#control = control;
  }

  static async of(sandbox: Sandbox): Promise<Impostor> {
    return new Impostor(await sandbox.placeOf("impostor", 9000));
  }

  /** Makes it treat the next connections of a site so. */
  async behave(site: SiteName, behaviour: Behaviour): Promise<void> {
    await this.#ask(site, { method: "PUT", body: JSON.stringify(behaviour) });
  }

  /** Returns the connections of a site, the newest last. */
  visits(site: SiteName): Promise<Visit[]> {
    return this.#ask(site);
  }

  async #ask(site: SiteName, request?: RequestInit): Promise<Visit[]> {
    const response = await fetch(`http://${this.#control}/${PLACES[site]}`, request);
    return (await response.json()) as Visit[];
  }
}
