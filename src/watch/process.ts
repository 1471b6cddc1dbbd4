import { Counter, Gauge, type Registry } from "prom-client";

/**
 * Adds what is asked of the process of a site, under the usual names of Prometheus clients. The ready-made set of the
 * library also hears of each collection of garbage, which costs a loaded site more than all its other metrics.
 */
export function addProcess(registry: Registry): void {
  const registers = [registry];
  const startedAtS = Math.round(Date.now() / 1000 - process.uptime());
  new Gauge({
    name: "process_start_time_seconds",
    help: "When the process started, in seconds since 1970.",
    registers,
  }).set(startedAtS);
  new Counter({
    name: "process_cpu_seconds_total",
    help: "CPU time that the process has used, in user and system mode.",
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  const read = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  read("process_resident_memory_bytes", "Memory that the process holds.", () => process.memoryUsage.rss());
  read("nodejs_heap_size_used_bytes", "Memory of it that JavaScript uses.", () => process.memoryUsage().heapUsed);
}
