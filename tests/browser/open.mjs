// A headless Chromium, and pages in it that are watched: whatever they say on the console or ask of a network is a fault.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Launches the browser of a machine with the packages of a folder. */
export const launch = async (packages, executablePath) => {
  const require = createRequire(join(packages, 'package.json'));
  const { chromium } = require('playwright-core');
  const axe = require('axe-core').source;
  const args = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'];
  // Chromium refuses its sandbox to root
  if (process.getuid?.() === 0) args.push('--no-sandbox');
  return { browser: await chromium.launch({ executablePath, args }), axe };
};

/** Opens a file, watched; `faults` fills as long as the page is open. */
export const open = async (browser, file, { width = 1280, scheme = 'light', media = 'screen', script = true } = {}) => {
  const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme: scheme, javaScriptEnabled: script });
  const page = await context.newPage();
  const faults = [];
  const url = pathToFileURL(file).href;
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) faults.push(`console: ${message.text()}`); });
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('request', (request) => { if (request.url() !== url) faults.push(`request: ${request.url()}`); });
  page.setDefaultTimeout(10_000);
  await page.emulateMedia({ media, colorScheme: scheme });
  await page.goto(url);
  return { page, faults, close: () => context.close() };
};
