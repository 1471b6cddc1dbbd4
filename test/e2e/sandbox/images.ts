import { must } from "./run.ts";

/** Builds the images of the sites. */
export const buildImages = () => must("docker", ["compose", "build", "--quiet"]);

/** Finds or makes the images of what watches them, which come from Debian where no registry answers. */
export const makeWatchers = () => must("sh", ["setup/watch.sh", "prometheus", "alertmanager"]);
