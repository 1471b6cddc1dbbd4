import { existsSync, readFileSync } from "node:fs";

/** Tells Testcontainers what it cannot know of this machine, before it is asked for anything. */
export function tellTestcontainers(): void {
  // where setup/ had to make the base image no registry answers, and Testcontainers' reaper is an image from one
  const baseImageIsOwn = existsSync(".env") && /^BASE_IMAGE=mllp-safetunnel\//m.test(readFileSync(".env", "utf8"));
  if (baseImageIsOwn) process.env.TESTCONTAINERS_RYUK_DISABLED ??= "true";
  // the ports are published on loopback; Testcontainers would guess the address of a bridge
  if (!process.env.DOCKER_HOST) process.env.TESTCONTAINERS_HOST_OVERRIDE ??= "127.0.0.1";
}
