// node report.mjs PACKAGES CHROMIUM SINGLE FLEET EMPTY: looks at the pages of the HTML report in a real browser.
import { launch, open } from './open.mjs';
import { accessible, drawn, noSidewaysScroll } from './looks.mjs';
import * as use from './use.mjs';

const [packages, chromium, single, fleet, empty] = process.argv.slice(2);
const { browser, axe } = await launch(packages, chromium);
let checks = 0;
let failed = 0;
const check = async (name, file, options, look) => {
  checks += 1;
  let opened;
  let faults;
  try {
    opened = await open(browser, file, options);
    faults = [...await look(opened.page), ...opened.faults];
  } catch (error) {
    faults = [error.message, ...opened?.faults ?? []];
  }
  await opened?.close();
  failed += faults.length ? 1 : 0;
  console.log(faults.length ? `FAILED ${name}\n  ${faults.join('\n  ')}` : `ok ${name}`);
};

try {
  // the small page in every way, the others where they differ
  const ways = [['light', 'screen'], ['dark', 'screen'], ['light', 'print'], ['dark', 'print']];
  for (const [which, file, looks] of [['single', single, ways], ['fleet', fleet, ways.slice(0, 2)], ['empty', empty, ways.slice(0, 1)]]) {
    for (const width of [360, 1280]) {
      for (const [scheme, media] of looks) {
        const name = `${which} at ${width} px, ${scheme} ${media}`;
        await check(`accessible: ${name}`, file, { width, scheme, media }, (page) => accessible(page, axe));
        if (media === 'screen') await check(`no sideways scroll: ${name}`, file, { width, scheme, media }, noSidewaysScroll);
      }
      if (which !== 'empty') await check(`drawn: ${which} at ${width} px`, file, { width }, drawn);
    }
  }
  for (const [name, look] of Object.entries({ tab: use.tab, fold: use.fold, search: use.search, marks: use.marks, theme: use.theme })) {
    for (const width of [360, 1280]) await check(`${name} at ${width} px`, single, { width }, look);
  }
  await check('deployment', fleet, {}, use.deployment);
  await check('without a script', single, { script: false }, use.bare);
  await check('paper', single, { media: 'print' }, use.paper);
} finally {
  await browser.close();
}
console.log(`${checks} checks, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
