// The page in use: by keyboard alone, with search and filters, and without its script.

const shown = (page) => page.locator('details.finding:visible').count();
const focused = (page) => page.evaluate(() => {
  const { activeElement: part } = document;
  return `${part.tagName.toLowerCase()}${part.id ? `#${part.id}` : ''}${part.getAttribute('class') ? `.${part.getAttribute('class').split(' ')[0]}` : ''}`;
});
const expect = (faults, holds, what) => { if (!holds) faults.push(what); };

/** Tab reaches everything that can be used. */
export const tab = async (page) => {
  const faults = [];
  await page.keyboard.press('Tab');
  expect(faults, await focused(page) === 'a.skip', `the first stop is ${await focused(page)}, not the skip link`);
  await page.keyboard.press('Enter');
  expect(faults, await focused(page) === 'main#main', `the skip link leads to ${await focused(page)}`);
  const wanted = new Map([['a mark of the drawing', /^a\.mark/], ['the search', /^input#q/], ['a severity', /^input$/],
    ['a filter', /^select/], ['the button that clears', /^button/], ['a finding', /^summary/]]);
  for (let stop = 0; stop < 400 && wanted.size; stop += 1) {
    await page.keyboard.press('Tab');
    const where = await focused(page);
    for (const [what, pattern] of wanted) if (pattern.test(where)) wanted.delete(what);
  }
  for (const what of wanted.keys()) faults.push(`Tab never reaches ${what}`);
  return faults;
};

/** Enter and Space open and close a finding; j and k walk. */
export const fold = async (page) => {
  const faults = [];
  const first = page.locator('details.finding').first();
  const isOpen = () => first.evaluate((part) => part.open);
  await first.locator('summary').first().focus();
  await page.keyboard.press('Enter');
  expect(faults, await isOpen(), 'Enter does not open a finding');
  await page.keyboard.press('Space');
  expect(faults, !await isOpen(), 'Space does not close a finding');
  const before = await page.evaluate(() => document.activeElement.closest('details').id);
  await page.keyboard.press('j');
  const next = await page.evaluate(() => document.activeElement.closest('details').id);
  expect(faults, next !== before, 'j does not go on');
  await page.keyboard.press('k');
  expect(faults, await page.evaluate(() => document.activeElement.closest('details').id) === before, 'k does not go back');
  await page.keyboard.press('?');
  expect(faults, await page.locator('#help').isVisible(), '? shows no help');
  await page.keyboard.press('Escape');
  expect(faults, !await page.locator('#help').isVisible(), 'Esc does not close the help');
  return faults;
};

/** Search by `/`, filters by keyboard, Esc clears. */
export const search = async (page) => {
  const faults = [];
  const all = await shown(page);
  await page.keyboard.press('/');
  expect(faults, await focused(page) === 'input#q', '/ does not lead to the search');
  const title = await page.locator('details.finding .title').last().textContent();
  await page.keyboard.type(title.toUpperCase());
  const found = await shown(page);
  expect(faults, found > 0 && found < all, `«${title}» finds ${found} of ${all}`);
  const status = await page.locator('.shown').textContent();
  expect(faults, status === `${found} of ${all} findings`, `the status says «${status}»`);
  await page.keyboard.press('Escape');
  expect(faults, await shown(page) === all && await page.inputValue('#q') === '', 'Esc does not clear the search');
  await page.keyboard.press('/');
  await page.keyboard.type('no such words anywhere');
  expect(faults, await page.locator('.nothing').isVisible(), 'nothing is said when nothing is found');
  await page.locator('#reset').click();
  await page.waitForFunction((count) => document.querySelectorAll('details.finding:not([hidden])').length === count, all);
  const severity = page.locator('input[name="s"]').first();
  await severity.focus();
  await page.keyboard.press('Space');
  const value = await severity.inputValue();
  const fitting = await page.locator(`details.finding[data-s="${value}"]`).count();
  expect(faults, await shown(page) === fitting, `the filter «${value}» leaves ${await shown(page)}, not ${fitting}`);
  await page.locator('select[name="c"]').focus();
  await page.keyboard.press('ArrowDown');
  const consequence = await page.inputValue('select[name="c"]');
  const both = await page.locator(`details.finding[data-s="${value}"][data-c="${consequence}"]`).count();
  expect(faults, consequence !== '' && await shown(page) === both, `both filters leave ${await shown(page)}, not ${both}`);
  expect(faults, (await page.evaluate(() => location.hash)).includes(`c=${consequence}`), 'the address does not keep the filter');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page.waitForFunction((count) => document.querySelectorAll('details.finding:not([hidden])').length === count, all);
  return faults;
};

/** A deployment chosen in the table or the list leaves only its findings. */
export const deployment = async (page) => {
  const faults = [];
  const link = page.locator('a[data-deployment]').first();
  const id = await link.getAttribute('data-deployment');
  const own = await page.locator(`details.finding[data-d="${id}"]`).count();
  await link.click();
  await page.waitForFunction((count) => document.querySelectorAll('details.finding:not([hidden])').length === count, own);
  expect(faults, await page.inputValue('select[name="d"]') === id, 'the list does not show the deployment');
  return faults;
};

/** A mark of the drawing opens the finding that it counts, whatever is filtered. */
export const marks = async (page) => {
  const faults = [];
  await page.keyboard.press('/');
  await page.keyboard.type('no such words anywhere');
  const mark = page.locator('svg.topo:visible a.mark').first();
  const target = (await mark.getAttribute('href')).slice(1);
  expect(faults, /^\d+ findings?, the worst /.test(await mark.getAttribute('aria-label')), 'a mark does not say what it counts');
  await mark.focus();
  await page.keyboard.press('Enter');
  await page.waitForFunction((id) => document.getElementById(id).open, target);
  expect(faults, await page.locator(`#${target}`).isVisible(), 'the finding stays hidden');
  return faults;
};

/** The other colours at the press of a button. */
export const theme = async (page) => {
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const before = await ground();
  await page.locator('#theme').click();
  const after = await ground();
  await page.locator('#theme').click();
  return before !== after && await ground() === before ? [] : [`the colours go from ${before} to ${after}`];
};

/** Without a script everything is there, and nothing that would not work. */
export const bare = async (page) => {
  const faults = [];
  expect(faults, await shown(page) > 0, 'no findings without a script');
  expect(faults, !await page.locator('#filter').isVisible(), 'a filter that does nothing is shown');
  expect(faults, await page.locator('svg.topo[role="group"]:visible').count() === 1, 'no drawing without a script');
  return faults;
};

/** On paper there is nothing to press. */
export const paper = async (page) => {
  const faults = [];
  for (const part of ['.bar', '#filter', '.tools']) expect(faults, !await page.locator(part).first().isVisible(), `${part} is printed`);
  expect(faults, await page.locator('svg.topo.wide').first().isVisible(), 'no drawing on paper');
  expect(faults, (await page.pdf({ format: 'A4' })).length > 10_000, 'the paper is empty');
  return faults;
};
