import { must } from "./run.ts";

/** Builds the images, once for all files; those that watch come from Debian where no registry answers. */
export default async function setup(): Promise<void> {
  const watchers = must("sh", ["setup/watch.sh", "prometheus", "alertmanager"]);
  await Promise.all([must("docker", ["compose", "build", "--quiet"]), watchers]);
}
