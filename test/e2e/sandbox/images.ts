import { must } from "./run.ts";

/** Builds the images, once for all files. */
export default async function setup(): Promise<void> {
  await must("docker", ["compose", "build", "--quiet"]);
}
