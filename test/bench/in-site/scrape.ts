/** Asks this site for its metrics as often as Prometheus does, until nobody listens. */
const METRICS = "http://127.0.0.1:9464/metrics";
const EVERY_MS = 5000;

const timer = setInterval(async () => {
  const answer = await fetch(METRICS);
  await answer.text();
}, EVERY_MS);
process.stdin.resume().on("end", () => clearInterval(timer));
