// Opens a page from disk in headless Chromium, light and dark, at three widths; prints what is wrong.
// node page_checks.mjs CHROMIUM MODULES PAGE...
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [chromium, modules, ...pages] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const playwright = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core"), "utf8");
const { HtmlValidate, StaticConfigLoader } = require("html-validate");
const loader = new StaticConfigLoader({
  root: true,
  extends: ["html-validate:standard"],
  rules: { "void-style": "off", "long-title": "off", "no-inline-style": "error" },
});
const validator = new HtmlValidate(loader);
const wrong = [];

async function look(browser, file, width, colorScheme) {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  const where = `${file} ${width} ${colorScheme}`;
  page.on("console", (said) => {
    if (["error", "warning"].includes(said.type())) wrong.push(`${where}: console: ${said.text()}`);
  });
  page.on("pageerror", (error) => wrong.push(`${where}: ${error}`));
  page.on("request", (asked) => {
    if (!/^(file|data|blob):/.test(asked.url())) wrong.push(`${where}: network: ${asked.url()}`);
  });
  await page.goto(pathToFileURL(file).href);
  await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
  await page.waitForFunction(() => document.querySelector("#play-desk:not([hidden]), #play-error:not([hidden])") || !document.querySelector("#play-desk"));
  await page.evaluate(() => document.querySelectorAll("#play [hidden]").forEach((one) => (one.hidden = false)));
  await page.evaluate(() => document.querySelectorAll("#play-error").forEach((one) => (one.textContent = "What went wrong")));
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (wide > 0) wrong.push(`${where}: ${wide} pixels wider than the window`);
  await page.evaluate(axe);
  const found = await page.evaluate(() => axe.run());
  for (const each of found.violations) {
    wrong.push(`${where}: axe: ${each.id}: ${each.nodes[0].target}: ${each.nodes[0].failureSummary}`);
  }
  await page.close();
  return found.passes.length;
}

const browser = await playwright.chromium.launch({
  executablePath: chromium,
  args: ["--no-sandbox"],
});
let passes = 0;
for (const file of pages) {
  const report = await validator.validateString(readFileSync(file, "utf8"), file);
  for (const result of report.results) {
    for (const each of result.messages) {
      wrong.push(`${file}:${each.line}: html-validate: ${each.ruleId}: ${each.message}`);
    }
  }
  for (const width of [360, 768, 1280]) {
    for (const colorScheme of ["light", "dark"]) {
      passes += await look(browser, file, width, colorScheme);
    }
  }
}
await browser.close();
process.stdout.write(JSON.stringify({ wrong, passes }));
