// measure.mjs PORT RUNS ADDRESS…: Lighthouse's mobile scores, one JSON object a run and line.
// The browser runs already and is signed in; Lighthouse must not clear that.
import lighthouse from "lighthouse";

const [, , port, runs, ...addresses] = process.argv;
const options = {
  port: Number(port),
  output: "json",
  logLevel: "error",
  disableStorageReset: true,
  onlyCategories: ["performance", "accessibility", "best-practices", "seo"],
};
const millis = (report, name) => Math.round(report.audits[name].numericValue ?? 0);

for (const address of addresses) {
  for (let run = 0; run < Number(runs); run += 1) {
    const { lhr } = await lighthouse(address, options);
    const scores = Object.entries(lhr.categories).map(([name, { score }]) => [
      name,
      Math.round(score * 100),
    ]);
    const failed = Object.values(lhr.audits)
      .filter(({ score, scoreDisplayMode }) => scoreDisplayMode === "binary" && score === 0)
      .map(({ id }) => id);
    const figures = {
      lcp: millis(lhr, "largest-contentful-paint"),
      tbt: millis(lhr, "total-blocking-time"),
      benchmark_index: lhr.environment.benchmarkIndex,
    };
    console.log(JSON.stringify({ address, ...Object.fromEntries(scores), ...figures, failed }));
  }
}
